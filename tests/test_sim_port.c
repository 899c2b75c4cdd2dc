#include "config.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <termios.h>

#include "sim/tty.h"
#include "sim_fixture.h"
#include "sim_port.h"
#include "words.h"

#define PATIENCE_MS 120000	/* much longer than anything here takes */

struct virtual {
	struct sim_port *sp;
	struct port *port;
};

static const struct port_settings at_115200 = { .baud = 115200 };

static void virtual_init(struct virtual *v, const struct sim_port_config *config)
{
	struct err e;

	v->sp = sim_port_new(config, &e);
	if (!v->sp)
		fail_msg("%s", err_words(&e));
	v->port = port_new_custom(sim_port_clock(v->sp), NULL, sim_port_backend(), v->sp, &e);
	assert_non_null(v->port);
}

static void virtual_free(struct virtual *v)
{
	port_free(v->port);
	sim_port_free(v->sp);
}

static int64_t virtual_now(const struct virtual *v)
{
	return clock_now_ms(sim_port_clock(v->sp));
}

static void virtual_open(struct virtual *v)
{
	struct err e;

	if (port_open(v->port, SIM_PORT_PATH, &at_115200, &e) < 0)
		fail_msg("%s", err_words(&e));
}

/* Read until TEXT has come or LIMIT_MS has passed. */
static bool virtual_hear(struct virtual *v, const char *text, int64_t limit_ms)
{
	char heard[8192] = "";
	size_t size = 0;
	int64_t end = virtual_now(v) + limit_ms;
	struct err e;

	while (virtual_now(v) < end && size < sizeof(heard) - 1) {
		int n = port_read(v->port, heard + size, sizeof(heard) - 1 - size, end, &e);

		if (n < 0)
			return false;
		size += (size_t)n;
		heard[size] = '\0';
		if (strstr(heard, text))
			return true;
	}
	return false;
}

static void virtual_send(struct virtual *v, const void *bytes, size_t size)
{
	const char *p = bytes;
	struct err e;

	while (size) {
		int n = port_write(v->port, p, size, virtual_now(v) + 60000, &e);

		if (n <= 0)
			fail_msg("%s", n ? err_words(&e) : "nothing written");
		p += n;
		size -= (size_t)n;
	}
}

static void virtual_say(struct virtual *v, const char *text)
{
	virtual_send(v, text, strlen(text));
}

static void time_passes_by_reading_and_writing(void **state)
{
	const struct sim_port_config config = { .sim.fast = true };
	struct virtual v;
	int64_t begin;
	char c;
	struct err e;

	virtual_init(&v, &config);
	virtual_open(&v);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS);
	assert_int_equal(port_read(v.port, &c, 1, SIM_PORT_START_MS + 3600000, &e), 0);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS + 3600000);
	virtual_say(&v, COM_COMMAND "\r");
	assert_true(virtual_hear(&v, "CONNECT", 1000));
	begin = virtual_now(&v);
	virtual_send(&v, files_of(state)->bytes, SIM_DEMO_PACKAGE_SIZE);
	assert_in_range(virtual_now(&v) - begin, 26666 - 30, 26666 + 30);
	assert_true(virtual_hear(&v, "\"START\"", 10000));
	assert_int_equal(port_pause(v.port, virtual_now(&v) + 100, &e), 0);
	virtual_free(&v);
}

static void a_port_is_dead_from_a_reboot_on(void **state)
{
	const struct sim_port_config config = {
		.sim.fast = true, .sim.scenario_text = "set absent-ms 5000\nat time 1000\n\treboot\n",
	};
	struct virtual v;
	struct err e;
	char c;

	(void)state;
	virtual_init(&v, &config);
	virtual_open(&v);
	assert_int_equal(port_read(v.port, &c, 1, virtual_now(&v) + 60000, &e), -1);
	assert_int_equal(e.code, ERR_GONE);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS + 1000);
	assert_int_equal(port_pause(v.port, virtual_now(&v) + 10000, &e), 0);
	assert_int_equal(port_read(v.port, &c, 1, virtual_now(&v) + 60000, &e), -1);
	port_close(v.port);
	virtual_open(&v);
	virtual_say(&v, "AT\r");
	assert_true(virtual_hear(&v, "OK", 1000));
	virtual_free(&v);
}

static void no_port_opens_while_the_module_is_away(void **state)
{
	const struct sim_port_config config = {
		.sim.fast = true, .sim.scenario_text = "set absent-ms 5000\nat time 1000\n\treboot\n",
	};
	struct virtual v;
	struct err e;

	(void)state;
	virtual_init(&v, &config);
	assert_int_equal(port_open(v.port, "/dev/ttyOTHER", &at_115200, &e), -1);
	assert_int_equal(e.code, ERR_PORT);
	assert_int_equal(port_pause(v.port, SIM_PORT_START_MS + 2000, &e), 0);
	assert_int_equal(port_open(v.port, SIM_PORT_PATH, &at_115200, &e), -1);
	assert_int_equal(e.code, ERR_PORT);
	assert_int_equal(port_pause(v.port, SIM_PORT_START_MS + 6010, &e), 0);
	virtual_open(&v);
	assert_true(virtual_hear(&v, "RDY", 10000));
	virtual_free(&v);
}

static void a_server_of_the_test_is_downloaded_from(void **state)
{
	const struct sim_port_file served[] = {
		{ .url = HTTP_URL, .bytes = files_of(state)->bytes, .size = SIM_DEMO_PACKAGE_SIZE, .duration_ms = 20000 },
		{ .url = NULL },
	};
	const struct sim_port_config config = { .sim.fast = true, .files = served };
	struct virtual v;
	int64_t begin;

	virtual_init(&v, &config);
	virtual_open(&v);
	virtual_say(&v, "AT+QFOTADL=\"http://192.0.2.9/x\"\r");
	assert_true(virtual_hear(&v, "\"HTTPEND\",723", 60000));
	begin = virtual_now(&v);
	virtual_say(&v, "AT+QFOTADL=\"" HTTP_URL "\"\r");
	assert_true(virtual_hear(&v, "\"HTTPEND\",0", 60000));
	assert_in_range(virtual_now(&v) - begin, 20000, 20100);
	assert_true(virtual_hear(&v, "\"END\",0", 60000));
	assert_string_equal(sim_version(sim_port_sim(v.sp)), TO);
	assert_int_equal(sim_port_sent(v.sp, "AT+QFOTADL"), 2);
	virtual_free(&v);
}

static void count_up(void *ctx)
{
	++*(int *)ctx;
}

static void hooks_are_called_once_at_their_time(void **state)
{
	const struct sim_port_config config = { .sim.fast = true };
	int by_time = 0, by_input = 0, by_output = 0;
	struct virtual v;
	struct err e;
	char c;

	(void)state;
	virtual_init(&v, &config);
	virtual_open(&v);
	sim_port_at(v.sp, SIM_PORT_START_MS + 500, count_up, &by_time);
	sim_port_on_input(v.sp, "AT+CSQ", count_up, &by_input);
	sim_port_on_output(v.sp, "26,99", count_up, &by_output);
	/* an early return for the hook is no deadline: the call goes on */
	assert_int_equal(port_read(v.port, &c, 1, SIM_PORT_START_MS + 1000, &e), 0);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS + 1000);
	assert_int_equal(by_time, 1);
	for (int i = 0; i < 2; i++) {
		virtual_say(&v, "AT+CSQ\r");
		assert_true(virtual_hear(&v, "OK", 1000));
	}
	assert_int_equal(by_time, 1);
	assert_int_equal(by_input, 1);
	assert_int_equal(by_output, 1);
	virtual_free(&v);
}

static void the_nth_call_fails_as_asked(void **state)
{
	const struct sim_port_config config = { .sim.fast = true };
	struct virtual v;
	struct err e;
	char c;

	(void)state;
	virtual_init(&v, &config);
	sim_port_fail(v.sp, SIM_PORT_OPEN, 1, ERR_BUSY);
	sim_port_fail(v.sp, SIM_PORT_READ, 2, ERR_GONE);
	sim_port_fail(v.sp, SIM_PORT_WRITE, 1, ERR_TIMEOUT);
	assert_int_equal(port_open(v.port, SIM_PORT_PATH, &at_115200, &e), -1);
	assert_int_equal(e.code, ERR_BUSY);
	virtual_open(&v);
	assert_int_equal(port_write(v.port, "AT\r", 3, virtual_now(&v) + 100, &e), -1);
	assert_int_equal(e.code, ERR_TIMEOUT);
	assert_int_equal(port_read(v.port, &c, 1, virtual_now(&v) + 10, &e), 0);
	assert_int_equal(port_read(v.port, &c, 1, virtual_now(&v) + 10, &e), -1);
	assert_int_equal(e.code, ERR_GONE);
	assert_int_equal(port_read(v.port, &c, 1, virtual_now(&v) + 10, &e), -1);
	assert_int_equal(sim_port_count(v.sp, SIM_PORT_READ), 3);
	virtual_free(&v);
}

static void without_rts_a_write_is_taken_by_the_driver_only(void **state)
{
	const struct sim_port_config config = {
		.sim.fast = true, .sim.scenario_text = "set reading off\nat time 60000\n\tset reading on\n",
	};
	static const char bytes[8192] = "AT\r";
	struct virtual v;
	struct err e;

	(void)state;
	virtual_init(&v, &config);
	virtual_open(&v);
	assert_int_equal(port_write(v.port, bytes, sizeof(bytes), virtual_now(&v) + 10000, &e), 4096);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS + 10000);
	assert_int_equal(port_write(v.port, bytes, 1, virtual_now(&v) + 10000, &e), 0);
	assert_int_equal(virtual_now(&v), SIM_PORT_START_MS + 20000);
	assert_true(virtual_hear(&v, "OK", 60000));
	assert_in_range(virtual_now(&v), SIM_PORT_START_MS + 60000, SIM_PORT_START_MS + 60100);
	virtual_free(&v);
}

struct tty {
	struct sim_tty *sim;
	pthread_t thread;
	char link[128];
	int fd;
	char heard[16384];	/* what has come and was not looked at yet */
	size_t heard_size;
	int rc;
	struct err e;
};

static void *serve_tty(void *arg)
{
	struct tty *t = arg;

	t->rc = sim_tty_run(t->sim, &t->e);
	return NULL;
}

static void tty_make(struct tty *t, const struct files *f, const char *scenario)
{
	struct sim_tty_config config = {
		.sim = { .fast = true, .scenario_text = scenario }, .link = t->link, .paced = true,
	};

	snprintf(t->link, sizeof(t->link), "%s/modem", f->dir);
	t->fd = -1;
	t->sim = sim_tty_new(&config, &t->e);
	if (!t->sim)
		fail_msg("%s", err_words(&t->e));
	assert_string_equal(sim_tty_path(t->sim), t->link);
}

static void tty_run(struct tty *t)
{
	assert_int_equal(pthread_create(&t->thread, NULL, serve_tty, t), 0);
}

static void tty_start(struct tty *t, const struct files *f, const char *scenario)
{
	tty_make(t, f, scenario);
	tty_run(t);
}

static void tty_open(struct tty *t, speed_t speed)
{
	struct termios tio;

	t->heard_size = 0;
	t->fd = open(t->link, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	assert_true(t->fd >= 0);
	assert_int_equal(tcgetattr(t->fd, &tio), 0);
	cfmakeraw(&tio);
	cfsetspeed(&tio, speed);
	assert_int_equal(tcsetattr(t->fd, TCSANOW, &tio), 0);
}

/* The end: no violation, and the link is gone. */
static void tty_stop(struct tty *t)
{
	struct stat st;
	const char *first;
	unsigned violations;

	sim_tty_stop(t->sim);
	assert_int_equal(pthread_join(t->thread, NULL), 0);
	if (t->rc < 0)
		fail_msg("%s", err_words(&t->e));
	violations = sim_violations(sim_tty_sim(t->sim), &first);
	if (violations)
		fail_msg("%u violations: %s", violations, first);
	sim_tty_free(t->sim);
	close(t->fd);
	assert_int_equal(lstat(t->link, &st), -1);
}

/* Take what has come up to the end of TEXT; what follows stays for the next time. */
static bool tty_take(struct tty *t, const char *text)
{
	size_t size = strlen(text);
	char *found = memmem(t->heard, t->heard_size, text, size);

	if (!found)
		return false;
	found += size;
	t->heard_size -= (size_t)(found - t->heard);
	memmove(t->heard, found, t->heard_size);
	return true;
}

/* Read until TEXT has come (true) or the terminal is hung up (false). */
static bool tty_hear(struct tty *t, const char *text)
{
	while (!tty_take(t, text)) {
		struct pollfd fd = { t->fd, POLLIN, 0 };
		ssize_t n;

		if (poll(&fd, 1, PATIENCE_MS) <= 0)
			fail_msg("\"%s\" has not come within %d ms", text, PATIENCE_MS);
		assert_true(t->heard_size < sizeof(t->heard));
		n = read(t->fd, t->heard + t->heard_size, sizeof(t->heard) - t->heard_size);
		if (n <= 0)
			return false;
		t->heard_size += (size_t)n;
	}
	return true;
}

static void tty_send(struct tty *t, const void *bytes, size_t size)
{
	const char *p = bytes;

	while (size) {
		struct pollfd fd = { t->fd, POLLOUT, 0 };
		ssize_t n;

		if (poll(&fd, 1, PATIENCE_MS) <= 0)
			fail_msg("the terminal takes nothing");
		n = write(t->fd, p, size);
		if (n > 0) {
			p += n;
			size -= (size_t)n;
		}
	}
}

static void tty_say(struct tty *t, const char *text)
{
	tty_send(t, text, strlen(text));
}

static void a_dialogue_on_a_terminal(void **state)
{
	struct tty t;
	char c;

	tty_start(&t, files_of(state), NULL);
	tty_open(&t, B115200);
	tty_say(&t, "ATI\r");
	assert_true(tty_hear(&t, "Revision: " FROM "\r\n\r\nOK\r\n"));
	close(t.fd);
	tty_open(&t, B9600);
	tty_say(&t, "A");
	assert_int_equal(poll(&(struct pollfd){ t.fd, POLLIN, 0 }, 1, PATIENCE_MS), 1);
	assert_int_equal(read(t.fd, &c, 1), 1);
	assert_int_not_equal(c, 'A');
	close(t.fd);
	tty_open(&t, B115200);
	tty_say(&t, "\rAT+GSN\r");
	assert_true(tty_hear(&t, "490154203237518\r\n\r\nOK\r\n"));
	tty_stop(&t);
}

/* A host that asks again when nothing was said is not at fault where the machine
 * stalls: both questions are read at once. */
static void a_stall_is_no_fault_of_the_host(void **state)
{
	struct tty t;

	tty_make(&t, files_of(state), NULL);
	tty_open(&t, B115200);
	tty_say(&t, "AT\r");
	assert_int_equal(poll(NULL, 0, 600), 0);
	tty_say(&t, "AT\r");
	tty_run(&t);
	assert_true(tty_hear(&t, "OK\r\n"));
	assert_true(tty_hear(&t, "OK\r\n"));
	tty_stop(&t);
}

static void a_release_goes_on_from_a_hold(void **state)
{
	struct tty t;

	tty_start(&t, files_of(state), "on AT+CSQ\n\thold\n\tdefault\n");
	tty_open(&t, B115200);
	tty_say(&t, "AT+CSQ\r");
	sim_tty_release(t.sim);
	assert_true(tty_hear(&t, "+CSQ: 26,99"));
	tty_stop(&t);
}

/* Wait until the link is there again. */
static void tty_await(struct tty *t, const struct files *f)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	char events[4096];
	struct stat st;

	assert_true(fd >= 0);
	assert_true(inotify_add_watch(fd, f->dir, IN_CREATE | IN_MOVED_TO) >= 0);
	while (lstat(t->link, &st) < 0) {
		assert_int_equal(poll(&(struct pollfd){ fd, POLLIN, 0 }, 1, PATIENCE_MS), 1);
		assert_true(read(fd, events, sizeof(events)) > 0);
	}
	close(fd);
}

static void an_upgrade_on_a_terminal_hangs_it_up_and_brings_it_back(void **state)
{
	const struct files *f = files_of(state);
	struct tty t;

	tty_start(&t, f, "set baud 921600\n");
	tty_open(&t, B921600);
	tty_say(&t, COM_COMMAND "\r");
	assert_true(tty_hear(&t, "CONNECT\r\n"));
	tty_send(&t, f->bytes, sizeof(f->bytes));
	/* all is read before the hang-up comes */
	assert_true(tty_hear(&t, "\"END\",0\r\n"));
	assert_false(tty_hear(&t, "nothing more"));
	close(t.fd);
	tty_await(&t, f);
	tty_open(&t, B921600);
	assert_true(tty_hear(&t, "PB DONE\r\n"));
	tty_say(&t, "AT+CGMR\r");
	assert_true(tty_hear(&t, TO));
	tty_stop(&t);
}

static void the_hang_up_waits_until_the_host_has_read(void **state)
{
	const struct files *f = files_of(state);
	struct pollfd hang_up = { 0 };
	struct tty t;

	tty_start(&t, f, "set baud 921600\nset flash-ms 28\nat end\n\tdefault\n\treboot\n");
	tty_open(&t, B921600);
	tty_say(&t, COM_COMMAND "\r");
	assert_true(tty_hear(&t, "CONNECT\r\n"));
	tty_send(&t, f->bytes, sizeof(f->bytes));
	assert_true(tty_hear(&t, "\"START\""));
	/* END has come by now, and the module wants to go */
	hang_up.fd = t.fd;
	assert_int_equal(poll(&hang_up, 1, 200), 0);
	assert_true(tty_hear(&t, "\"END\",0\r\n"));
	assert_false(tty_hear(&t, "nothing more"));
	tty_stop(&t);
}

static void only_a_link_is_replaced(void **state)
{
	const struct files *f = files_of(state);
	struct sim_tty_config config = { .sim.fast = true, .link = f->package };
	struct sim_tty *t;
	char link[128];
	struct stat st;
	struct err e;

	assert_null(sim_tty_new(&config, &e));
	assert_int_equal(e.code, ERR_USAGE);
	assert_non_null(strstr(err_words(&e), "is not a symbolic link"));
	assert_int_equal(stat(f->package, &st), 0);
	snprintf(link, sizeof(link), "%s/old", f->dir);
	assert_int_equal(symlink("/nowhere", link), 0);
	config.link = link;
	t = sim_tty_new(&config, &e);
	assert_non_null(t);
	assert_int_equal(stat(link, &st), 0);
	assert_true(S_ISCHR(st.st_mode));
	sim_tty_free(t);
	assert_int_equal(lstat(link, &st), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(time_passes_by_reading_and_writing),
		cmocka_unit_test(a_port_is_dead_from_a_reboot_on),
		cmocka_unit_test(no_port_opens_while_the_module_is_away),
		cmocka_unit_test(a_server_of_the_test_is_downloaded_from),
		cmocka_unit_test(hooks_are_called_once_at_their_time),
		cmocka_unit_test(the_nth_call_fails_as_asked),
		cmocka_unit_test(without_rts_a_write_is_taken_by_the_driver_only),
		cmocka_unit_test(a_dialogue_on_a_terminal),
		cmocka_unit_test(a_stall_is_no_fault_of_the_host),
		cmocka_unit_test(a_release_goes_on_from_a_hold),
		cmocka_unit_test(an_upgrade_on_a_terminal_hangs_it_up_and_brings_it_back),
		cmocka_unit_test(the_hang_up_waits_until_the_host_has_read),
		cmocka_unit_test(only_a_link_is_replaced),
	};

	return cmocka_run_group_tests(tests, make_files, remove_files);
}
