/* Files: configuration and credentials; the prompt. */
#include "config.h"

#include <fcntl.h>
#include <ftw.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "command/credentials.h"
#include "options_fixture.h"

struct place {
	char dir[128], path[160];
	struct err e;
};

static int setup(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	const char *tmp = getenv("TMPDIR");

	assert_non_null(p);
	snprintf(p->dir, sizeof(p->dir), "%s/dfota-options.XXXXXX", tmp ? tmp : "/tmp");
	assert_non_null(mkdtemp(p->dir));
	snprintf(p->path, sizeof(p->path), "%s/file", p->dir);
	*state = p;
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *walk)
{
	(void)st;
	(void)type;
	(void)walk;
	return remove(path);
}

static int teardown(void **state)
{
	struct place *p = *state;

	nftw(p->dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
	free(p);
	return 0;
}

static void make(const struct place *p, const char *text, mode_t mode)
{
	int fd = open(p->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void a_configuration_sets_defaults_that_the_line_overrides(void **state)
{
	struct place *place = *state;
	struct parsed p;

	options_init(&p.o);
	assert_int_equal(options_read_config("/nonexistent/config", &p.o, &p.e), 0);
	make(place, "\xef\xbb\xbf# ours\r\n[defaults]\r\nbaud = 9600\r\nwatch_timeout=60\r\n\r\n"
	     "com-command = AT+QFOTADL=\"COM:{size}\",{timeout}\r\nascii = yes\r\n", 0644);
	if (options_read_config(place->path, &p.o, &p.e) < 0)
		fail_msg("%s", err_words(&p.e));
	parse_over(&p, "--watch-timeout 90");
	assert_taken(&p, "over a configuration");
	assert_int_equal(p.o.plan.baud, 9600);
	assert_int_equal(p.o.plan.watch_timeout_s, 90);
	assert_string_equal(p.o.plan.com_command, "AT+QFOTADL=\"COM:{size}\",{timeout}");
	assert_true(p.o.ascii);
	assert_false(p.o.mono);
}

/* faults.md G07 */
static void a_wrong_configuration_is_told_with_its_line(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"baud = 9600\nspeed = 1\n", "line 2: there is no setting \"speed\""},
		{"baud = fast\n", "line 1: "},
		{"\n\nbaud = 0\n", "line 3: "},
		{"imei = 490154203237518490154203237518\n", "line 1: "},
		{"ascii = no\n", "line 1: ascii takes yes"},
		{"nonsense\n", "line 1: expected: name = value"},
		{"[open\n", "line 1: "},
		{"mouse = maybe\n", "line 1: "},
		/* secrets are no lasting choices */
		{"url = ftp://fota:secret@192.0.2.7/p.bin\n", "line 1: url holds a login"},
		{"publish = http://fota@192.0.2.7/\n", "line 1: publish holds a login"},
		{"port = /dev/ttyACM3\nport = /dev/ttyS0\n", "line 2: port is set twice"},
		{"target =\n", "line 1: "},
		{"password = x\n", "there is no setting \"password\""},
		{"yes = yes\n", "there is no setting \"yes\""},
		{"help = yes\n", "there is no setting \"help\""},
		{"baud = 9600\nbaud = 115200\n", "line 2: baud is set twice"},
		{"watch_timeout = 60\n\nwatch-timeout = 90\n", "line 3: "},
		{"imei = x\n[again]\nimei = y\n", "line 3: imei is set twice"},
		{"nonsense\nspeed = 1\n", "line 1: expected: name = value"},
		{"speed = 1\nnonsense\n", "line 1: there is no setting"},
		{"a_very_long_name_of_a_setting_that_does_not_exist = x\n", "there is no setting"},
	};
	struct place *place = *state;
	struct options o;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct err e = {0};

		make(place, rows[i].text, 0644);
		options_init(&o);
		if (options_read_config(place->path, &o, &e) == 0 || e.code != ERR_USAGE ||
		    !strstr(err_read(&e), rows[i].message) || !strstr(err_read(&e), place->path))
			fail_msg("%s: \"%s\", expected \"%s\"", rows[i].text, err_words(&e), rows[i].message);
	}
}

/* Which fields of the screen show what first. */
static void a_configuration_sets_the_first_values_of_the_screen_only(void **state)
{
	static const struct {
		const char *config, *line, *port, *user, *url, *file, *publish, *manifest, *target;
	} rows[] = {
		{"port = tcp:192.0.2.9:4001\nuser = fota\nurl = http://192.0.2.7/p.bin\ntarget = V2\n", "",
		 "tcp:192.0.2.9:4001", "fota", "http://192.0.2.7/p.bin", "", "", "", "V2"},
		{"file = /srv/p.bin\npublish = ftp://192.0.2.7/\nmanifest = /srv/m\n", "-p x",
		 "x", "", "", "/srv/p.bin", "ftp://192.0.2.7/", "/srv/m", ""},
		/* what is typed names another package: nothing of this one goes with it */
		{"port = x\nuser = fota\nfile = /srv/p.bin\ntarget = V2\nmanifest = /srv/m\n", "-u ftp://192.0.2.8/q.bin",
		 "x", "fota", "ftp://192.0.2.8/q.bin", "", "", "", ""},
		{"url = http://192.0.2.7/p.bin\n", "--target V3", "", "", "", "", "", "", "V3"},
		{"port = x\nurl = http://192.0.2.7/p.bin\nuser = fota\n", "--demo", "", "", "", "", "", "", ""},
	};
	struct place *place = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan plan;
		struct parsed p;

		make(place, rows[i].config, 0644);
		options_init(&p.o);
		assert_int_equal(options_read_config(place->path, &p.o, &p.e), 0);
		parse_over(&p, rows[i].line);
		assert_taken(&p, rows[i].line);
		assert_string_equal(p.o.plan.file, "");		/* `run` knows nothing of it */
		options_first_plan(&p.o, &plan);
		assert_string_equal(plan.port, rows[i].port);
		assert_string_equal(plan.user, rows[i].user);
		assert_string_equal(plan.url, rows[i].url);
		assert_string_equal(plan.file, rows[i].file);
		assert_string_equal(plan.publish, rows[i].publish);
		assert_string_equal(plan.manifest, rows[i].manifest);
		assert_string_equal(plan.target, rows[i].target);
	}
}

/* faults.txt G16 */
static void a_wrong_line_stops_only_what_needs_it(void **state)
{
	static const struct {
		const char *text;
		enum command stops, goes_on;
	} rows[] = {
		{"baud = fast\n", COMMAND_PROBE, COMMAND_REPLAY},
		{"mono = maybe\n", COMMAND_REPLAY, COMMAND_RUN},
		{"watch-timeout = -1\n", COMMAND_RESUME, COMMAND_PROBE},
		{"speed = 1\n", COMMAND_RUN, COMMAND_EXPLAIN},
		{"nonsense\n", COMMAND_SCREEN, COMMAND_REPORT},
		{"profile = \n", COMMAND_SCREEN, COMMAND_STATUS},
		{"url = ftp://fota@192.0.2.7/p.bin\n", COMMAND_SCREEN, COMMAND_RUN},
		{"file =\n", COMMAND_SCREEN, COMMAND_PROBE},
		{"mouse = maybe\n", COMMAND_SCREEN, COMMAND_RUN},
	};
	struct place *place = *state;
	char text[128];
	struct options o;

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(text, sizeof(text), "%sascii = yes\n", rows[i].text);
		make(place, text, 0644);
		options_init(&o);
		assert_int_equal(options_read_config(place->path, &o, &place->e), -1);
		assert_true(o.misconfigured & 1u << rows[i].stops);
		assert_false(o.misconfigured & 1u << rows[i].goes_on);
		assert_false(o.misconfigured & (1u << COMMAND_HELP | 1u << COMMAND_VERSION));
		assert_true(o.ascii);	/* what is right holds */
	}
}

static void a_configuration_of_one_endless_line_is_refused(void **state)
{
	struct place *place = *state;
	char *text = malloc(1 << 20);
	struct options o;

	assert_non_null(text);
	memset(text, 'x', (1 << 20) - 1);
	text[(1 << 20) - 1] = '\0';
	make(place, text, 0644);
	free(text);
	options_init(&o);
	assert_int_equal(options_read_config(place->path, &o, &place->e), -1);
	assert_int_equal(place->e.code, ERR_USAGE);
}

static void credentials_are_taken_as_they_stand(void **state)
{
	static const struct {
		const char *text, *user, *password;
	} rows[] = {
		{"user = joe\npassword = s3cret\n", "joe", "s3cret"},
		{"password=s3cret\nuser=joe", "joe", "s3cret"},
		{"# ours\r\n\r\n\tuser\t=\tjoe\r\npassword = s3cret\r\n", "joe", "s3cret"},
		{"user = joe\npassword =  two  words \n", "joe", "two  words "},
		{"user = joe\npassword = a=b=c#d;e\"f\n", "joe", "a=b=c#d;e\"f"},
		{"user = joe\npassword = \xc3\xa4\n", "joe", "\xc3\xa4"},
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan plan = {.url = "ftp://h/f"};

		make(p, rows[i].text, i % 2 ? 0600 : 0400);
		if (credentials_read(p->path, &plan, &p->e) < 0)
			fail_msg("row %zu: %s", i, err_words(&p->e));
		assert_string_equal(plan.user, rows[i].user);
		assert_string_equal(plan.password, rows[i].password);
		assert_string_equal(plan.url, "ftp://h/f");
		assert_int_equal(unlink(p->path), 0);
	}
}

static void wrong_credentials_are_told_without_the_secret(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{"", "needs the lines user = ... and password = ..."},
		{"user = joe\n", "needs the lines"},
		{"password = s3cret\n", "needs the lines"},
		{"user =\npassword = s3cret\n", "needs the lines"},
		{"user = joe\npassword = \n", "needs the lines"},
		{"user = joe\ns3cret\n", "line 2: expected user = ... or password = ..."},
		{"user = joe\npasswort = s3cret\n", "line 2: expected"},
		{"user = joe\npassword2 = s3cret\n", "line 2: expected"},
		{"user = joe\npass word = s3cret\n", "line 2: expected"},
		{"= s3cret\n", "line 1: expected"},
		{"user = joe\npassword = s3cret s3cret s3cret s3cret s3cret s3cret s3cret s3cret s3cret s3cret s3cret\n", "line 2: longer than 63 bytes"},
	};
	struct place *p = *state;
	char text[2048];

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan plan = {.url = ""};

		make(p, rows[i].text, 0600);
		if (credentials_read(p->path, &plan, &p->e) == 0 || p->e.code != ERR_USAGE ||
		    !strstr(err_read(&p->e), rows[i].message) || !strstr(err_read(&p->e), p->path))
			fail_msg("row %zu: \"%s\", expected \"%s\"", i, err_words(&p->e), rows[i].message);
		assert_null(strstr(err_read(&p->e), "s3cret"));
	}
	memset(text, '#', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	make(p, text, 0600);
	assert_int_equal(credentials_read(p->path, &(struct plan){.url = ""}, &p->e), -1);
	assert_non_null(strstr(err_read(&p->e), "too long"));
}

/* faults.txt G18: from another program, which may say anything, and from nobody. */
static int input_of(const void *text, size_t size)
{
	int ends[2];

	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], text, size), size);
	close(ends[1]);
	return ends[0];
}

static void credentials_come_from_another_program(void **state)
{
	static const struct {
		const char *text;
		size_t size;
		const char *message;	/* NULL: taken */
	} rows[] = {
		{"user = joe\npassword = s3cret\n", 29, NULL},
		{"user=joe\r\npassword=s3cret", 25, NULL},
		{"", 0, "needs the lines"},
		{"\n\n\n", 3, "needs the lines"},
		{"user = joe\n", 11, "needs the lines"},
		{"user = joe\npassword = s3cret\0tail\n", 35, "a byte of value 0"},
		{"\0", 1, "a byte of value 0"},
		{"s3cret\n", 7, "line 1: expected"},
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan plan = {.url = ""};
		int fd = input_of(rows[i].text, rows[i].size);
		int r = credentials_from_input(fd, -1, &plan, &p->e);

		close(fd);
		if (!rows[i].message) {
			assert_int_equal(r, 0);
			assert_string_equal(plan.user, "joe");
			assert_string_equal(plan.password, "s3cret");
		} else if (r == 0 || !strstr(err_read(&p->e), rows[i].message)) {
			fail_msg("row %zu: \"%s\", expected \"%s\"", i, err_words(&p->e), rows[i].message);
		}
		assert_null(strstr(err_read(&p->e), "s3cret"));
	}
}

static void an_input_that_is_no_login_is_refused(void **state)
{
	struct place *p = *state;
	struct plan plan = {.url = ""};
	int fd = open("/dev/zero", O_RDONLY | O_CLOEXEC), ends[2], quiet[2], master;

	/* without end */
	assert_int_equal(credentials_from_input(fd, -1, &plan, &p->e), -1);
	assert_non_null(strstr(err_read(&p->e), "too long"));
	close(fd);
	/* a file that others can read, however it was opened */
	make(p, "user = joe\npassword = s3cret\n", 0644);
	fd = open(p->path, O_RDONLY | O_CLOEXEC);
	assert_int_equal(credentials_from_input(fd, -1, &plan, &p->e), -1);
	assert_non_null(strstr(err_read(&p->e), "can be read by others"));
	close(fd);
	/* a terminal, which would show it */
	master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(credentials_from_input(master, -1, &plan, &p->e), -1);
	assert_non_null(strstr(err_read(&p->e), "terminal"));
	close(master);
	/* nothing comes, and somebody has enough of it */
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	assert_int_equal(pipe2(quiet, O_CLOEXEC), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	assert_int_equal(credentials_from_input(quiet[0], ends[0], &plan, &p->e), -1);
	assert_int_equal(p->e.code, ERR_CANCELLED);
	for (size_t i = 0; i < 2; i++) {
		close(ends[i]);
		close(quiet[i]);
	}
	assert_string_equal(plan.password, "");
}

/* faults.md G04 */
static void only_a_private_file_of_ours_holds_credentials(void **state)
{
	static const mode_t modes[] = {0644, 0640, 0604, 0660, 0602, 0620, 0601, 0777};
	static const char good[] = "user = joe\npassword = s3cret\n";
	struct place *p = *state;
	struct plan plan = {.url = ""};
	char other[256];

	for (size_t i = 0; i < COUNT(modes); i++) {
		make(p, good, modes[i]);
		if (credentials_read(p->path, &plan, &p->e) == 0)
			fail_msg("mode %o was taken", modes[i]);
		assert_non_null(strstr(err_read(&p->e), "chmod 600"));
	}
	make(p, good, 0600);
	snprintf(other, sizeof(other), "%s/link", p->dir);
	assert_int_equal(symlink(p->path, other), 0);
	assert_int_equal(credentials_read(other, &plan, &p->e), -1);
	assert_non_null(strstr(err_read(&p->e), "is a link"));
	snprintf(other, sizeof(other), "%s/fifo", p->dir);
	assert_int_equal(mkfifo(other, 0600), 0);
	assert_int_equal(credentials_read(other, &plan, &p->e), -1);
	assert_non_null(strstr(err_read(&p->e), "is not a regular file"));
	assert_int_equal(credentials_read(p->dir, &plan, &p->e), -1);
	assert_non_null(strstr(err_read(&p->e), "is not a regular file"));
	assert_int_equal(credentials_read("/dev/null", &plan, &p->e), -1);
	snprintf(other, sizeof(other), "%s/none", p->dir);
	assert_int_equal(credentials_read(other, &plan, &p->e), -1);
	assert_non_null(strstr(err_read(&p->e), "No such file"));
	if (geteuid() == 0) {
		assert_int_equal(chown(p->path, 65534, 65534), 0);
		assert_int_equal(credentials_read(p->path, &plan, &p->e), -1);
		assert_non_null(strstr(err_read(&p->e), "belongs to another user"));
	}
	assert_string_equal(plan.password, "");
}

static void the_user_is_taken_out_of_the_url(void **state)
{
	static const struct {
		const char *url, *user, *left;
	} rows[] = {
		{"ftp://joe@h/f", "joe", "ftp://h/f"},
		{"ftp://joe@h:2121/a@b", "joe", "ftp://h:2121/a@b"},
		{"ftp://h/f", "", "ftp://h/f"},
		{"http://h/a@b", "", "http://h/a@b"},
		{"http://h?x=a@b", "", "http://h?x=a@b"},
		{"http://h#a@c", "", "http://h#a@c"},
		{"http://h:80?x=a@b", "", "http://h:80?x=a@b"},
		{"ftp://a@b@h/f", "a", "ftp://b@h/f"},	/* the rest is refused with the URL */
		{"h/f", "", "h/f"},
		{"", "", ""},
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct plan plan = {.url = ""};

		snprintf(plan.url, sizeof(plan.url), "%s", rows[i].url);
		if (credentials_from_url(plan.url, &plan, &p->e) < 0)
			fail_msg("%s: %s", rows[i].url, err_words(&p->e));
		assert_string_equal(plan.user, rows[i].user);
		assert_string_equal(plan.url, rows[i].left);
		assert_string_equal(plan.password, "");
	}
}

/* faults.md G03, D17 */
static void a_password_in_the_url_is_refused_and_wiped(void **state)
{
	static const char *const urls[] = {
		"ftp://joe:s3cret@h/f", "http://:s3cret@h/f", "ftp://joe:s3cret@h", "ftp://joe:s3c:ret@h/s3cret",
		"ftp://joe:s3c/ret@h/f", "http://joe:s3c?r@h/f", "ftp://joe:12s3c#r@h/f", "http://joe/x:s3c@h/f",
		"joe:s3cret@ftp://h/f", "ftp;//joe:s3cret@h/f", "ftp//joe:s3cret@h/f",
	};
	struct place *p = *state;

	for (size_t i = 0; i < COUNT(urls); i++) {
		struct plan plan = {.url = ""};

		snprintf(plan.url, sizeof(plan.url), "%s", urls[i]);
		assert_int_equal(credentials_from_url(plan.url, &plan, &p->e), -1);
		assert_int_equal(p->e.code, ERR_USAGE);
		assert_non_null(strstr(err_read(&p->e), "--credentials FILE"));
		assert_null(strstr(err_read(&p->e), "s3c"));
		assert_null(memmem(&plan, sizeof(plan), "s3c", 3));
	}
	for (int size = 0; size <= LOGIN_SIZE; size += LOGIN_SIZE) {
		struct plan plan = {.url = "ftp://"};

		memset(plan.url + 6, 'u', (size_t)size);
		strcat(plan.url, "@h/f");
		assert_int_equal(credentials_from_url(plan.url, &plan, &p->e), -1);
		assert_non_null(strstr(err_read(&p->e), "the user in the URL"));
	}
}

/* What the child of a prompt reports. */
struct answer {
	int result;
	struct plan plan;
	struct err e;
};

/* credentials_prompt() in a child with SLAVE (NULL: none) as its terminal. */
static pid_t prompt_in_child(const char *slave, int to_parent)
{
	struct answer a = {.plan = {.user = "joe"}};
	pid_t pid = fork();
	int fd = -1;

	assert_true(pid >= 0);
	if (pid > 0)
		return pid;
	setsid();
	if (slave)
		fd = open(slave, O_RDWR);	/* becomes the controlling terminal */
	a.result = credentials_prompt(&a.plan, &a.e);
	_exit(write(to_parent, &a, sizeof(a)) != sizeof(a) || (slave && fd < 0));
}

static void read_answer(int from_child, pid_t pid, struct answer *a)
{
	int status;

	assert_int_equal(read(from_child, a, sizeof(*a)), sizeof(*a));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_prompt_hides_what_is_typed(void **state)
{
	static const struct {
		const char *typed;
		int result;
		const char *password;
	} rows[] = {
		{"two  words \n", 0, "two  words "},
		{"\n", -1, ""},
		{"\x04", -1, ""},
		{"0123456789012345678901234567890123456789012345678901234567890123456789\n", -1, ""},
	};
	struct place *p = *state;

	(void)p;
	for (size_t i = 0; i < COUNT(rows); i++) {
		int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), ends[2];
		char slave[64], seen[512];
		size_t size = 0;
		struct answer a;
		struct termios t;
		pid_t pid;

		assert_true(master >= 0);
		assert_int_equal(grantpt(master) | unlockpt(master) | ptsname_r(master, slave, sizeof(slave)), 0);
		assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
		pid = prompt_in_child(slave, ends[1]);
		while (!memmem(seen, size, "Password of joe: ", 17)) {
			ssize_t n = read(master, seen + size, sizeof(seen) - size);

			assert_true(n > 0);
			size += (size_t)n;
		}
		/* who sees the question may type at once */
		assert_int_equal(tcgetattr(master, &t), 0);
		assert_int_equal(t.c_lflag & ECHO, 0);
		assert_int_equal(write(master, rows[i].typed, strlen(rows[i].typed)), strlen(rows[i].typed));
		read_answer(ends[0], pid, &a);
		if (a.result != rows[i].result || strcmp(a.plan.password, rows[i].password) != 0)
			fail_msg("row %zu: %d, \"%s\", %s", i, a.result, a.plan.password, err_words(&a.e));
		assert_int_equal(tcgetattr(master, &t), 0);
		assert_true(t.c_lflag & ECHO);
		assert_int_equal(fcntl(master, F_SETFL, O_NONBLOCK), 0);
		while (size < sizeof(seen)) {
			ssize_t n = read(master, seen + size, sizeof(seen) - size);

			if (n <= 0)
				break;
			size += (size_t)n;
		}
		assert_null(memmem(seen, size, "words", 5));
		assert_null(memmem(seen, size, "0123", 4));
		close(master);
		close(ends[0]);
		close(ends[1]);
	}
}

static void a_prompt_needs_a_terminal(void **state)
{
	struct answer a;
	int ends[2];

	(void)state;
	assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
	read_answer(ends[0], prompt_in_child(NULL, ends[1]), &a);
	assert_int_equal(a.result, -1);
	assert_int_equal(a.e.code, ERR_USAGE);
	assert_non_null(strstr(err_read(&a.e), "--credentials FILE"));
	close(ends[0]);
	close(ends[1]);
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(a_configuration_sets_defaults_that_the_line_overrides),
		IN_PLACE(a_wrong_configuration_is_told_with_its_line),
		IN_PLACE(a_configuration_sets_the_first_values_of_the_screen_only),
		IN_PLACE(a_wrong_line_stops_only_what_needs_it),
		IN_PLACE(a_configuration_of_one_endless_line_is_refused),
		IN_PLACE(credentials_are_taken_as_they_stand),
		IN_PLACE(wrong_credentials_are_told_without_the_secret),
		IN_PLACE(credentials_come_from_another_program),
		IN_PLACE(an_input_that_is_no_login_is_refused),
		IN_PLACE(only_a_private_file_of_ours_holds_credentials),
		IN_PLACE(the_user_is_taken_out_of_the_url),
		IN_PLACE(a_password_in_the_url_is_refused_and_wiped),
		IN_PLACE(a_prompt_hides_what_is_typed),
		IN_PLACE(a_prompt_needs_a_terminal),
	};

	return cmocka_run_group_tests_name("credentials", tests, NULL, NULL);
}
