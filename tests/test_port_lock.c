#include "config.h"

#include "port_fixture.h"
#include "skip.h"

#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>

static int open_slave(const struct world *w)
{
	return open(w->slave, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
}

/* The UUCP lock file of the world's terminal, below w->dir and in full. */
static void lock_name(const struct world *w, char *name, size_t size)
{
	snprintf(name, size, "lock/LCK..pts_%s", w->slave + strlen("/dev/pts/"));
}

static void lock_path(const struct world *w, char *path, size_t size)
{
	char name[80];

	lock_name(w, name, sizeof(name));
	snprintf(path, size, "%s/%s", w->dir, name);
}

static void read_lock(const struct world *w, char *text, size_t size)
{
	char path[240];
	FILE *f;

	lock_path(w, path, sizeof(path));
	f = fopen(path, "re");
	assert_non_null(f);
	text[fread(text, 1, size - 1, f)] = '\0';
	fclose(f);
}

static bool lock_exists(const struct world *w)
{
	char path[240];
	struct stat st;

	lock_path(w, path, sizeof(path));
	return lstat(path, &st) == 0;
}

static void hold_by_flock(struct world *w)
{
	int fd = open_slave(w);

	if (fd < 0 || flock(fd, LOCK_EX | LOCK_NB) < 0)
		_exit(2);
}

static void hold_by_tiocexcl(struct world *w)
{
	int fd = open_slave(w);

	if (fd < 0 || ioctl(fd, TIOCEXCL) < 0)
		_exit(2);
}

static void a_holder_is_named(void **state)
{
	static void (*const holds[])(struct world *w) = {
		hold_by_flock, hold_by_tiocexcl,
	};
	struct world *w = *state;
	struct termios before = { 0 }, after = { 0 };
	int look = open_slave(w);

	assert_int_equal(tcgetattr(look, &before), 0);
	for (size_t i = 0; i < sizeof(holds) / sizeof(holds[0]); i++) {
		char expected[80];
		int until;
		pid_t pid = hold_in_child(w, holds[i], &until);

		snprintf(expected, sizeof(expected),
			 " (%ld)\nClose test_port_lock, then try again", (long)pid);
		assert_refused(w, w->slave, ERR_BUSY, expected);
		assert_non_null(strstr(err_read(&w->e), " is held by "));
		assert_false(lock_exists(w));
		end_child(pid, until);
	}
	/* A05: without a change of the settings. */
	assert_int_equal(tcgetattr(look, &after), 0);
	assert_memory_equal(&before, &after, sizeof(before));
	assert_int_equal(ioctl(look, TIOCNXCL), 0);
	close(look);
	assert_opens(w, w->slave);
}

static void two_ports_of_this_program_exclude_each_other(void **state)
{
	struct world *w = *state;
	struct port *other = port_new(clock_monotonic(), NULL, &w->roots, &w->e);

	assert_non_null(other);
	assert_int_equal(port_open(other, w->slave, &usual, &w->e), 0);
	assert_refused(w, w->slave, ERR_BUSY, "is already open in this program");
	/* The first one's lock file survived that. */
	assert_true(lock_exists(w));
	port_free(other);
	assert_false(lock_exists(w));
	assert_opens(w, w->slave);
}

static void others_are_kept_out_until_close(void **state)
{
	struct world *w = *state;
	int fd;

	assert_opens(w, w->slave);
	fd = open_slave(w);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	port_close(w->port);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	close(fd);
}

static void modem_manager_comes_with_its_cure(void **state)
{
	struct world *w = *state;
	struct port_roots roots = w->roots;
	struct stat node;
	char line[160];

	assert_int_equal(stat(w->slave, &node), 0);
	snprintf(line, sizeof(line),
		 "1: POSIX  ADVISORY  WRITE 1 00:05:9 0 EOF\n"
		 "2: FLOCK  ADVISORY  WRITE 612 %02x:%02x:%lu 0 EOF\n",
		 major(node.st_dev), minor(node.st_dev),
		 (unsigned long)node.st_ino);
	make_file(w, "proc/locks", line);
	make_dir(w, "proc/612");
	make_file(w, "proc/612/comm", "ModemManager\n");
	roots.proc = w->proc;
	port_free(w->port);
	w->port = port_new(clock_monotonic(), NULL, &roots, &w->e);
	assert_non_null(w->port);
	assert_refused(w, w->slave, ERR_BUSY, "is held by ModemManager (612)");
	assert_non_null(strstr(err_read(&w->e), "systemctl stop ModemManager"));
	assert_non_null(strstr(err_read(&w->e), "ID_MM_DEVICE_IGNORE"));
}

static void the_lock_file_holds_our_pid_while_open(void **state)
{
	struct world *w = *state;
	char text[64], expected[64];

	assert_opens(w, w->slave);
	read_lock(w, text, sizeof(text));
	snprintf(expected, sizeof(expected), "%10ld\n", (long)getpid());
	assert_string_equal(text, expected);
	port_close(w->port);
	assert_false(lock_exists(w));
}

static void a_lock_file_of_a_dead_process_is_replaced(void **state)
{
	static const char *const ends[] = { "\n", " minicom root\n", "" };
	struct world *w = *state;
	char name[80], text[64];

	lock_name(w, name, sizeof(name));
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		snprintf(text, sizeof(text), "%10ld%s", DEAD_PID, ends[i]);
		make_file(w, name, text);
		assert_opens(w, w->slave);
		read_lock(w, text, sizeof(text));
		assert_int_equal(strtol(text, NULL, 10), getpid());
		port_close(w->port);
		assert_false(lock_exists(w));
	}
	/* As left by a process of the number that is ours now. */
	snprintf(text, sizeof(text), "%10ld\n", (long)getpid());
	make_file(w, name, text);
	assert_opens(w, w->slave);
	port_close(w->port);
	assert_false(lock_exists(w));
}

static void have_it_open(struct world *w)
{
	assert_true(open(w->slave, O_RDWR | O_NOCTTY | O_CLOEXEC) >= 0);
}

static void stay(struct world *w)
{
	(void)w;
}

static void a_lock_file_of_who_has_the_port_is_heeded(void **state)
{
	struct world *w = *state;
	char name[80], text[64];
	int until;
	pid_t pid = hold_in_child(w, have_it_open, &until);

	lock_name(w, name, sizeof(name));
	snprintf(text, sizeof(text), "%10ld\n", (long)pid);
	make_file(w, name, text);
	snprintf(text, sizeof(text), "(%ld)\nClose test_port_lock, then try again", (long)pid);
	assert_refused(w, w->slave, ERR_BUSY, text);
	assert_true(lock_exists(w));
	end_child(pid, until);
}

static void make_old(const struct world *w, const char *name)
{
	static const struct timespec times[] = { { 1000000000, 0 }, { 1000000000, 0 } };
	char path[240];

	snprintf(path, sizeof(path), "%s/%s", w->dir, name);
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

/* faults.md A35: a number that is another process's now; a program that has
 * closed the port, or never opened it. */
static void a_lock_file_of_a_process_without_the_port_is_replaced(void **state)
{
	struct world *w = *state;
	char name[80], text[64];
	int until;
	pid_t stays = hold_in_child(w, stay, &until);
	const long pids[] = { (long)stays, (long)getppid(), (long)stays };

	lock_name(w, name, sizeof(name));
	for (size_t i = 0; i < sizeof(pids) / sizeof(pids[0]); i++) {
		snprintf(text, sizeof(text), "%10ld\n", pids[i]);
		make_file(w, name, text);
		if (i < 2)	/* else it is new, and has a second */
			make_old(w, name);
		assert_opens(w, w->slave);
		assert_int_equal(port_notice(w->port, 0)->id, MSG_LOCK_FILE_UNTRUE);
		snprintf(text, sizeof(text), "%ld", pids[i]);
		assert_string_equal(message_text_of(port_notice(w->port, 0), "pid"), text);
		read_lock(w, text, sizeof(text));
		assert_int_equal(strtol(text, NULL, 10), getpid());
		port_close(w->port);
	}
	end_child(stays, until);
}

/* Somebody else has it open under that lock: a child of the process, say. */
static void a_lock_file_is_heeded_while_anybody_has_the_port(void **state)
{
	struct world *w = *state;
	char name[80], text[64];
	int until, until_stay;
	pid_t has = hold_in_child(w, have_it_open, &until);
	pid_t stays = hold_in_child(w, stay, &until_stay);

	lock_name(w, name, sizeof(name));
	snprintf(text, sizeof(text), "%10ld\n", (long)stays);
	make_file(w, name, text);
	make_old(w, name);
	assert_refused(w, w->slave, ERR_BUSY, "is held by");
	end_child(stays, until_stay);
	end_child(has, until);
}

/* Killed, and nobody has asked for it yet: whoever has the port has it without that lock. */
static void a_lock_file_of_a_zombie_is_replaced(void **state)
{
	struct world *w = *state;
	char name[80], text[64];
	siginfo_t ended;
	int until;
	pid_t has = hold_in_child(w, have_it_open, &until);
	pid_t zombie = fork();

	if (zombie == 0)
		_exit(0);
	assert_int_equal(waitid(P_PID, (id_t)zombie, &ended, WEXITED | WNOWAIT), 0);
	lock_name(w, name, sizeof(name));
	snprintf(text, sizeof(text), "%10ld\n", (long)zombie);
	make_file(w, name, text);
	assert_opens(w, w->slave);
	port_close(w->port);
	assert_int_equal(waitpid(zombie, NULL, 0), zombie);
	end_child(has, until);
}

static void a_lock_file_that_makes_no_sense_is_left_alone(void **state)
{
	static const char *const rows[] = {
		"", "\n", "garbage\n", "       -12\n", "         0\n",
		"0x1f\n", "12abc\n", "99999999999\n", "\x01\x02\x03\x04",
	};
	struct world *w = *state;
	char name[80], text[64];

	lock_name(w, name, sizeof(name));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		make_file(w, name, rows[i]);
		assert_refused(w, w->slave, ERR_BUSY, "names no process");
		read_lock(w, text, sizeof(text));
		assert_string_equal(text, rows[i]);
	}
}

static void a_lock_file_is_never_followed(void **state)
{
	struct world *w = *state;
	char name[80], target[240], text[64];
	struct stat st;

	lock_name(w, name, sizeof(name));
	snprintf(text, sizeof(text), "%10ld\n", DEAD_PID);
	make_file(w, "victim", text);
	snprintf(target, sizeof(target), "%s/victim", w->dir);
	make_link(w, name, target);
	assert_refused(w, w->slave, ERR_BUSY, "names no process");
	assert_int_equal(stat(target, &st), 0);
	assert_int_equal(st.st_size, strlen(text));
	make_link(w, name, "nowhere");
	assert_refused(w, w->slave, ERR_BUSY, "names no process");
	snprintf(target, sizeof(target), "%s/%s", w->dir, name);
	assert_int_equal(unlink(target), 0);
	assert_int_equal(mkfifo(target, 0666), 0);
	assert_refused(w, w->slave, ERR_BUSY, "names no process");
}

static void only_our_own_lock_file_is_removed(void **state)
{
	struct world *w = *state;
	char path[240], new[240];

	assert_opens(w, w->slave);
	/* A new file beside ours, so that it can't get the number of ours. */
	make_file(w, "lock/new", "         1\n");
	snprintf(new, sizeof(new), "%s/new", w->lock);
	lock_path(w, path, sizeof(path));
	assert_int_equal(rename(new, path), 0);
	port_close(w->port);
	assert_true(lock_exists(w));
}

static void without_a_lock_directory_it_goes_on_and_says_so_once(void **state)
{
	struct world *w = *state;
	int fd;

	assert_int_equal(rmdir(w->lock), 0);
	assert_opens(w, w->slave);
	assert_non_null(port_notice(w->port, 0));
	assert_non_null(strstr(message_words(port_notice(w->port, 0)), w->lock));
	fd = open_slave(w);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), -1);
	close(fd);
	port_close(w->port);
	assert_opens(w, w->slave);
	assert_null(port_notice(w->port, 0));
}

/* Become NAME for good; false when that can't be. */
static bool become(const char *name)
{
	const struct passwd *user = getpwnam(name);

	return user && setgroups(0, NULL) == 0 && setgid(user->pw_gid) == 0 &&
	       setuid(user->pw_uid) == 0;
}

static void a_lack_of_permission_names_the_group_and_the_cure(void **state)
{
	struct world *w = *state;
	const struct group *dialout = getgrnam("dialout");
	const struct { mode_t mode; const char *part; } rows[] = {
		{ 0660, "Add nobody to the group dialout (sudo adduser nobody dialout) and log in again" },
		{ 0600, "with mode 600 and the group dialout it is not open to nobody" },
		{ 0600, "sudo chown nobody " },		/* a chmod of a group without nobody would not help */
	};
	struct port_info info;
	int status;
	pid_t pid;

	if (geteuid() != 0 || !dialout || !getpwnam("nobody"))
		skip_because("only root can become nobody, who must be there, as must the group dialout");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(chown(w->slave, 0, dialout->gr_gid), 0);
		assert_int_equal(chmod(w->slave, rows[i].mode), 0);
		assert_int_equal(chmod(w->lock, 0777), 0);
		pid = fork();
		assert_true(pid >= 0);
		if (pid == 0) {
			if (!become("nobody"))
				_exit(2);
			if (port_open(w->port, w->slave, &usual, &w->e) == 0)
				_exit(3);
			if (w->e.code != ERR_PORT || !strstr(err_read(&w->e), rows[i].part) ||
			    lock_exists(w)) {
				fprintf(stderr, "%s\n", err_read(&w->e));
				_exit(4);
			}
			if (port_describe(&w->roots, w->slave, &info, &w->e) < 0 ||
			    !strstr(message_read(&info.problem), rows[i].part))
				_exit(5);
			_exit(0);
		}
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_int_equal(status, 0);
	}
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(a_holder_is_named),
		WITH_WORLD(two_ports_of_this_program_exclude_each_other),
		WITH_WORLD(others_are_kept_out_until_close),
		WITH_WORLD(modem_manager_comes_with_its_cure),
		WITH_WORLD(the_lock_file_holds_our_pid_while_open),
		WITH_WORLD(a_lock_file_of_a_dead_process_is_replaced),
		WITH_WORLD(a_lock_file_of_who_has_the_port_is_heeded),
		WITH_WORLD(a_lock_file_of_a_process_without_the_port_is_replaced),
		WITH_WORLD(a_lock_file_is_heeded_while_anybody_has_the_port),
		WITH_WORLD(a_lock_file_of_a_zombie_is_replaced),
		WITH_WORLD(a_lock_file_that_makes_no_sense_is_left_alone),
		WITH_WORLD(a_lock_file_is_never_followed),
		WITH_WORLD(only_our_own_lock_file_is_removed),
		WITH_WORLD(without_a_lock_directory_it_goes_on_and_says_so_once),
		WITH_WORLD(a_lack_of_permission_names_the_group_and_the_cure),
	};

	return cmocka_run_group_tests_name("port lock", tests, NULL, NULL);
}
