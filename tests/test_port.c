#include "config.h"

#include "port_fixture.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <poll.h>
#include <pthread.h>
#include <sys/ioctl.h>

/* A tcsetattr() that says yes and does nothing, for faults.md A11: the port's
 * calls come here, being linked into this program. */
static bool tcsetattr_lies;

int tcsetattr(int fd, int actions, const struct termios *t)
{
	int (*real)(int, int, const struct termios *);

	if (tcsetattr_lies)
		return 0;
	*(void **)&real = dlsym(RTLD_NEXT, "tcsetattr");
	return real(fd, actions, t);
}

static struct termios settings_of(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	struct termios t;

	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &t), 0);
	close(fd);
	return t;
}

/* Everything that another program may leave on: faults.md A10. */
static void spoil(const char *path)
{
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
	struct termios t;

	assert_true(fd >= 0);
	assert_int_equal(tcgetattr(fd, &t), 0);
	t.c_iflag = BRKINT | PARMRK | INPCK | ISTRIP | INLCR | ICRNL | IXON |
		    IXOFF | IXANY;
	t.c_oflag = OPOST | ONLCR | OLCUC;
	t.c_lflag = ISIG | ICANON | ECHO | ECHOE | IEXTEN | TOSTOP;
	t.c_cflag = CS7 | CSTOPB | PARENB | PARODD | HUPCL | CRTSCTS | B1200;
	t.c_cc[VMIN] = 0;
	t.c_cc[VTIME] = 50;
	assert_int_equal(tcsetattr(fd, TCSANOW, &t), 0);
	close(fd);
}

static void read_exactly(struct world *w, unsigned char *to, size_t size)
{
	for (size_t have = 0; have < size;) {
		int n = port_read(w->port, to + have, size - have,
				  in_ms(LATE_MS), &w->e);

		if (n <= 0)
			fail_msg("read %d of %zu: %s", n, have, err_read(&w->e));
		have += (size_t)n;
	}
}

static void master_read_exactly(int master, unsigned char *to, size_t size)
{
	for (size_t have = 0; have < size;) {
		ssize_t n = read(master, to + have, size - have);

		assert_true(n > 0);
		have += (size_t)n;
	}
}

static void a_read_ends_at_its_deadline(void **state)
{
	struct world *w = *state;
	int64_t deadline_ms;
	char c;

	assert_opens(w, w->slave);
	deadline_ms = in_ms(SOON_MS);
	assert_int_equal(port_read(w->port, &c, 1, deadline_ms, &w->e), 0);
	assert_true(in_ms(0) >= deadline_ms);
	/* In the past it still takes what is there. */
	assert_int_equal(port_read(w->port, &c, 1, INT64_MIN, &w->e), 0);
	assert_int_equal(write(w->master, "x", 1), 1);
	assert_int_equal(port_read(w->port, &c, 1, INT64_MAX, &w->e), 1);
	assert_int_equal(c, 'x');
}

static void a_read_takes_what_is_there(void **state)
{
	struct world *w = *state;
	char buf[64];

	assert_opens(w, w->slave);
	for (int i = 0; i < 10; i++) {
		assert_int_equal(write(w->master, &"0123456789"[i], 1), 1);
		assert_int_equal(port_read(w->port, buf, sizeof(buf),
					   in_ms(LATE_MS), &w->e), 1);
		assert_int_equal(buf[0], '0' + i);
	}
	assert_int_equal(write(w->master, "\r\nOK\r\n", 6), 6);
	assert_int_equal(port_read(w->port, buf, 4, in_ms(LATE_MS), &w->e), 4);
	assert_int_equal(port_read(w->port, buf + 4, 60, in_ms(LATE_MS), &w->e), 2);
	assert_memory_equal(buf, "\r\nOK\r\n", 6);
}

static void every_byte_value_passes_a_spoilt_terminal(void **state)
{
	struct world *w = *state;
	unsigned char out[256], back[256];

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (unsigned char)i;
	spoil(w->slave);
	assert_opens(w, w->slave);
	assert_int_equal(port_write(w->port, out, sizeof(out), in_ms(LATE_MS),
				    &w->e), sizeof(out));
	master_read_exactly(w->master, back, sizeof(back));
	assert_memory_equal(out, back, sizeof(out));
	assert_int_equal(write(w->master, out, sizeof(out)), sizeof(out));
	read_exactly(w, back, sizeof(back));
	assert_memory_equal(out, back, sizeof(out));
	/* No echo came back. */
	assert_int_equal(port_read(w->port, back, 1, 0, &w->e), 0);
}

static void settings_are_ours_while_open_and_as_found_after(void **state)
{
	struct world *w = *state;
	struct termios found, now;

	spoil(w->slave);
	found = settings_of(w->slave);
	assert_true(found.c_cflag & HUPCL);
	assert_opens(w, w->slave);
	now = settings_of(w->slave);
	assert_int_equal(now.c_iflag & (tcflag_t)~IGNBRK, 0);
	assert_int_equal(now.c_oflag & OPOST, 0);
	assert_int_equal(now.c_lflag, 0);
	assert_int_equal(now.c_cflag & (CSIZE | CSTOPB | PARENB | HUPCL | CRTSCTS |
					CLOCAL | CREAD), CS8 | CLOCAL | CREAD);
	assert_int_equal(cfgetospeed(&now), B115200);
	assert_non_null(port_notice(w->port, 0));
	assert_non_null(strstr(message_words(port_notice(w->port, 0)), "HUPCL"));
	assert_null(port_notice(w->port, 1));
	port_close(w->port);
	now = settings_of(w->slave);
	assert_int_equal(now.c_iflag, found.c_iflag);
	assert_int_equal(now.c_oflag, found.c_oflag);
	assert_int_equal(now.c_lflag, found.c_lflag);
	assert_int_equal(now.c_cflag, found.c_cflag & (tcflag_t)~HUPCL);
	assert_memory_equal(now.c_cc, found.c_cc, sizeof(now.c_cc));
}

static void flow_control_is_set_when_asked_for(void **state)
{
	struct world *w = *state;
	const struct port_settings s = { .baud = 9600, .flow_control = true };

	assert_int_equal(port_open(w->port, w->slave, &s, &w->e), 0);
	assert_true(settings_of(w->slave).c_cflag & CRTSCTS);
	assert_int_equal(port_set_baud(w->port, 921600, &w->e), 0);
	assert_true(settings_of(w->slave).c_cflag & CRTSCTS);
}

static void standard_rates_only(void **state)
{
	static const struct { int baud; speed_t speed; } rows[] = {
		{ 300, B300 }, { 9600, B9600 }, { 57600, B57600 },
		{ 460800, B460800 }, { 921600, B921600 }, { 4000000, B4000000 },
	};
	static const int odd[] = { 0, -1, 110000, 115201, 8000000 };
	struct world *w = *state;

	assert_opens(w, w->slave);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct termios t;

		assert_int_equal(port_set_baud(w->port, rows[i].baud, &w->e), 0);
		t = settings_of(w->slave);
		assert_int_equal(cfgetospeed(&t), rows[i].speed);
		assert_int_equal(cfgetispeed(&t), rows[i].speed);
	}
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_int_equal(port_set_baud(w->port, odd[i], &w->e), -1);
		assert_error(w, ERR_USAGE);
	}
}

static void settings_that_are_not_taken_are_found_out(void **state)
{
	struct world *w = *state;

	spoil(w->slave);
	tcsetattr_lies = true;
	if (port_open(w->port, w->slave, &usual, &w->e) == 0) {
		tcsetattr_lies = false;
		fail_msg("opened");
	}
	tcsetattr_lies = false;
	assert_error(w, ERR_PORT);
	assert_non_null(strstr(err_read(&w->e), "XON/XOFF off"));
	/* Nothing stayed locked. */
	assert_opens(w, w->slave);
}

/* Hooks for hook_in(): these run inside the blocking call. */

static bool close_master(void *ctx)
{
	struct world *w = ctx;

	close(w->master);
	w->master = -1;
	return false;
}

static bool send_byte(void *ctx)
{
	struct world *w = ctx;

	assert_int_equal(write(w->master, "!", 1), 1);
	return false;
}

static bool yes(void *ctx)
{
	++*(int *)ctx;
	return true;
}

static void a_hang_up_ends_a_read(void **state)
{
	struct world *w = *state;
	char c;

	assert_opens(w, w->slave);
	hook_in(w, close_master, w);
	interrupt_raise(&w->interrupt);
	assert_int_equal(port_read(w->port, &c, 1, in_ms(LATE_MS), &w->e), -1);
	assert_error(w, ERR_GONE);
	assert_non_null(strstr(err_read(&w->e), w->slave));
	/* And every later call, at once. */
	assert_int_equal(port_read(w->port, &c, 1, in_ms(LATE_MS), &w->e), -1);
	assert_int_equal(port_write(w->port, "A", 1, in_ms(LATE_MS), &w->e), -1);
	assert_error(w, ERR_GONE);
	assert_int_equal(port_drain(w->port, in_ms(LATE_MS), &w->e), -1);
	assert_error(w, ERR_GONE);
	assert_int_equal(port_set_baud(w->port, 9600, &w->e), -1);
	assert_error(w, ERR_GONE);
	port_close(w->port);
	assert_int_equal(port_read(w->port, &c, 1, in_ms(LATE_MS), &w->e), -1);
	assert_error(w, ERR_GONE);
}

static void a_hang_up_ends_a_blocked_write(void **state)
{
	struct world *w = *state;

	assert_opens(w, w->slave);
	fill(w, w->master);
	hook_in(w, close_master, w);
	interrupt_raise(&w->interrupt);
	assert_int_equal(port_write(w->port, "A", 1, in_ms(LATE_MS), &w->e), -1);
	assert_error(w, ERR_GONE);
}

static void a_write_ends_at_its_deadline(void **state)
{
	struct world *w = *state;
	char block[65536] = { 0 };
	int64_t deadline_ms;
	int n;

	assert_opens(w, w->slave);
	deadline_ms = in_ms(SOON_MS);
	n = port_write(w->port, block, sizeof(block), deadline_ms, &w->e);
	assert_in_range(n, 1, sizeof(block) - 1);
	assert_true(in_ms(0) >= deadline_ms);
	do {	/* the kernel may have made room meanwhile */
		deadline_ms = in_ms(SOON_MS);
		n = port_write(w->port, block, 1, deadline_ms, &w->e);
	} while (n > 0);
	assert_int_equal(n, 0);
	assert_true(in_ms(0) >= deadline_ms);
	/* A18: the bytes that nobody takes do not keep it from closing. */
	port_close(w->port);
}

static void a_blocked_write_ends_when_bytes_arrive(void **state)
{
	struct world *w = *state;
	static const char block[65536];
	int64_t deadline_ms = in_ms(LATE_MS);
	int n;
	char c;

	assert_opens(w, w->slave);
	hook_in(w, send_byte, w);
	interrupt_raise(&w->interrupt);
	do
		n = port_write(w->port, block, sizeof(block), deadline_ms, &w->e);
	while (n > 0);
	assert_int_equal(n, 0);
	assert_true(in_ms(0) < deadline_ms);
	assert_int_equal(port_read(w->port, &c, 1, 0, &w->e), 1);
	assert_int_equal(c, '!');
}

static void waiting_bytes_do_not_keep_a_write_from_room(void **state)
{
	struct world *w = *state;
	struct pollfd p = { .events = POLLIN };

	assert_opens(w, w->slave);
	assert_int_equal(write(w->master, "?", 1), 1);
	p.fd = open(w->slave, O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_int_equal(poll(&p, 1, LATE_MS), 1);
	close(p.fd);
	assert_int_equal(port_write(w->port, "AT\r", 3, in_ms(LATE_MS), &w->e), 3);
}

struct caller {
	struct interrupt *interrupt;
	int wait_fd;		/* call once when this is readable */
};

static void *call_once_readable(void *arg)
{
	struct caller *c = arg;
	struct pollfd p = { c->wait_fd, POLLIN, 0 };

	poll(&p, 1, LATE_MS);
	interrupt_raise(c->interrupt);
	return NULL;
}

static void a_cancelled_write_keeps_its_count(void **state)
{
	struct world *w = *state;
	char block[65536] = { 0 };
	pthread_t thread;
	struct caller c;
	int n;

	assert_opens(w, w->slave);
	c = (struct caller){ &w->interrupt, w->master };
	assert_int_equal(pthread_create(&thread, NULL, call_once_readable, &c), 0);
	n = port_write(w->port, block, sizeof(block), in_ms(LATE_MS), &w->e);
	pthread_join(thread, NULL);
	assert_in_range(n, 1, sizeof(block) - 1);
	assert_int_equal(port_write(w->port, block, 1, in_ms(LATE_MS), &w->e), -1);
	assert_error(w, ERR_CANCELLED);
}

static void *close_once_readable(void *arg)
{
	struct caller *c = arg;
	struct pollfd p = { c->wait_fd, POLLIN, 0 };

	poll(&p, 1, LATE_MS);
	close(c->wait_fd);
	return NULL;
}

static void a_write_cut_by_a_hang_up_keeps_its_count(void **state)
{
	struct world *w = *state;
	char block[65536] = { 0 };
	pthread_t thread;
	struct caller c;
	int n;

	assert_opens(w, w->slave);
	c = (struct caller){ &w->interrupt, w->master };
	assert_int_equal(pthread_create(&thread, NULL, close_once_readable, &c), 0);
	n = port_write(w->port, block, sizeof(block), in_ms(LATE_MS), &w->e);
	pthread_join(thread, NULL);
	w->master = -1;
	assert_in_range(n, 1, sizeof(block) - 1);
	assert_int_equal(port_write(w->port, block, 1, in_ms(LATE_MS), &w->e), -1);
	assert_error(w, ERR_GONE);
}

/* Says no twice, each time asking the other thread for one more call. */
struct reluctant {
	int asked;
	int tell_fd;
};

static bool third_time(void *ctx)
{
	struct reluctant *r = ctx;

	assert_int_equal(write(r->tell_fd, "", 1), 1);
	return ++r->asked == 3;
}

static void *call_three_times(void *arg)
{
	struct caller *c = arg;
	char byte;

	for (int i = 0; i < 3; i++) {
		interrupt_raise(c->interrupt);
		if (read(c->wait_fd, &byte, 1) != 1)
			break;
	}
	return NULL;
}

static void the_hook_decides_about_an_interrupt(void **state)
{
	struct world *w = *state;
	struct reluctant r = { 0 };
	struct caller c;
	pthread_t thread;
	int fds[2];
	char byte;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_opens(w, w->slave);
	r.tell_fd = fds[1];
	c = (struct caller){ &w->interrupt, fds[0] };
	hook_in(w, third_time, &r);
	assert_int_equal(pthread_create(&thread, NULL, call_three_times, &c), 0);
	assert_int_equal(port_read(w->port, &byte, 1, in_ms(LATE_MS), &w->e), -1);
	assert_error(w, ERR_CANCELLED);
	assert_int_equal(r.asked, 3);
	pthread_join(thread, NULL);
	close(fds[0]);
	close(fds[1]);
}

static int blocking_pause(struct world *w)
{
	return port_pause(w->port, in_ms(LATE_MS), &w->e);
}

static int blocking_drain(struct world *w)
{
	return port_drain(w->port, in_ms(LATE_MS), &w->e);
}

static void an_interrupt_waits_for_the_next_call(void **state)
{
	static int (*const calls[])(struct world *w) = {
		blocking_read, blocking_write, blocking_pause, blocking_drain,
	};
	struct world *w = *state;
	struct pollfd p = { w->interrupt.fd, POLLIN, 0 };
	int asked = 0;

	assert_opens(w, w->slave);
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		hook_in(w, NULL, NULL);
		interrupt_raise(&w->interrupt);
		interrupt_raise(&w->interrupt);
		assert_int_equal(poll(&p, 1, 0), 1);
		assert_int_equal(calls[i](w), -1);
		assert_error(w, ERR_CANCELLED);
		assert_int_equal(poll(&p, 1, 0), 0);
		hook_in(w, yes, &asked);
		interrupt_raise(&w->interrupt);
		assert_int_equal(calls[i](w), -1);
		assert_error(w, ERR_CANCELLED);
		assert_int_equal(asked, i + 1);
	}
	interrupt_raise(&w->interrupt);
	assert_true(interrupt_take(&w->interrupt));
	assert_int_equal(port_pause(w->port, in_ms(SOON_MS), &w->e), 0);
}

static void a_pause_works_with_the_port_closed(void **state)
{
	struct world *w = *state;
	int64_t deadline_ms = in_ms(SOON_MS);

	assert_int_equal(port_pause(w->port, deadline_ms, &w->e), 0);
	assert_true(in_ms(0) >= deadline_ms);
	interrupt_raise(&w->interrupt);
	assert_int_equal(port_pause(w->port, in_ms(LATE_MS), &w->e), -1);
	assert_error(w, ERR_CANCELLED);
}

static void a_pause_leaves_input_alone(void **state)
{
	struct world *w = *state;
	int64_t deadline_ms;
	char c;

	assert_opens(w, w->slave);
	assert_int_equal(write(w->master, "x", 1), 1);
	deadline_ms = in_ms(SOON_MS);
	assert_int_equal(port_pause(w->port, deadline_ms, &w->e), 0);
	assert_true(in_ms(0) >= deadline_ms);
	assert_int_equal(port_read(w->port, &c, 1, in_ms(LATE_MS), &w->e), 1);
	assert_int_equal(port_drain(w->port, in_ms(LATE_MS), &w->e), 0);
}

static void what_is_no_serial_port_is_refused(void **state)
{
	struct world *w = *state;
	char file[200], fifo[200];
	const struct { const char *path, *part; } rows[] = {
		{ file, "is not a serial port but a file" },
		{ w->dir, "is not a serial port but a directory" },
		{ fifo, "is not a serial port but a FIFO" },
		{ "/dev/null", "is not a serial port but another device" },
		{ "/dev/tty", "is not a serial port but the terminal in use" },
		{ "/dev/ptmx", "is not a serial port but the maker" },
		{ "/dev/console", "is not a serial port but " },
		{ "/dev/tty1", "is not a serial port but a virtual console" },
	};

	snprintf(file, sizeof(file), "%s/file", w->dir);
	make_file(w, "file", "text");
	snprintf(fifo, sizeof(fifo), "%s/fifo", w->dir);
	assert_int_equal(mkfifo(fifo, 0666), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		/* A container may lack consoles. */
		if (i >= 5 && access(rows[i].path, F_OK) < 0)
			continue;
		assert_refused(w, rows[i].path, ERR_PORT, rows[i].part);
	}
}

static void links_lead_to_the_device(void **state)
{
	struct world *w = *state;
	char link[200], lock[240];

	make_link(w, "by-id", w->slave);
	make_link(w, "modem", "by-id");
	snprintf(link, sizeof(link), "%s/modem", w->dir);
	assert_opens(w, link);
	/* Locked under the device's own name. */
	snprintf(lock, sizeof(lock), "%s/LCK..pts_%s", w->lock,
		 w->slave + strlen("/dev/pts/"));
	assert_int_equal(access(lock, F_OK), 0);
	assert_int_equal(port_open(w->port, link, &usual, &w->e), -1);
	assert_non_null(strstr(err_read(&w->e), "is open already"));
	assert_true(port_is_open(w->port));
	port_close(w->port);
	assert_int_equal(access(lock, F_OK), -1);
	make_link(w, "modem", "nowhere");
	assert_refused(w, link, ERR_PORT, "there is no ");
	/* of one that is waited for nothing else is looked for, twice a second */
	assert_int_equal(port_open(w->port, link, &(struct port_settings){ .baud = 115200, .awaited = true }, &w->e), -1);
	assert_int_equal(w->e.code, ERR_PORT);
	assert_int_equal(w->e.message.id, MSG_PORT_NODE_MISSING);
	make_link(w, "modem", "modem");
	assert_refused(w, link, ERR_PORT, "symbolic links");
}

static void no_descriptor_outlives_an_exec(void **state)
{
	struct world *w = *state;
	struct dirent *entry;
	int monitor, seen = 0;
	DIR *dir;

	assert_opens(w, w->slave);
	monitor = port_monitor_open(NULL, &w->e);
	assert_true(monitor >= 0);
	dir = opendir("/proc/self/fd");
	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char path[300], target[PATH_MAX];
		ssize_t n;

		snprintf(path, sizeof(path), "/proc/self/fd/%s", entry->d_name);
		n = readlink(path, target, sizeof(target) - 1);
		if (n <= 0)
			continue;
		target[n] = '\0';
		if (strcmp(target, w->slave) != 0 &&
		    strcmp(target, "anon_inode:[eventfd]") != 0 &&
		    strcmp(target, "anon_inode:inotify") != 0)
			continue;
		seen++;
		if (!(fcntl(atoi(entry->d_name), F_GETFD) & FD_CLOEXEC))
			fail_msg("%s stays open", target);
	}
	closedir(dir);
	close(monitor);
	assert_int_equal(seen, 3);
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(a_read_ends_at_its_deadline),
		WITH_WORLD(a_read_takes_what_is_there),
		WITH_WORLD(every_byte_value_passes_a_spoilt_terminal),
		WITH_WORLD(settings_are_ours_while_open_and_as_found_after),
		WITH_WORLD(flow_control_is_set_when_asked_for),
		WITH_WORLD(standard_rates_only),
		WITH_WORLD(settings_that_are_not_taken_are_found_out),
		WITH_WORLD(a_hang_up_ends_a_read),
		WITH_WORLD(a_hang_up_ends_a_blocked_write),
		WITH_WORLD(a_write_ends_at_its_deadline),
		WITH_WORLD(a_blocked_write_ends_when_bytes_arrive),
		WITH_WORLD(waiting_bytes_do_not_keep_a_write_from_room),
		WITH_WORLD(a_cancelled_write_keeps_its_count),
		WITH_WORLD(a_write_cut_by_a_hang_up_keeps_its_count),
		WITH_WORLD(the_hook_decides_about_an_interrupt),
		WITH_WORLD(an_interrupt_waits_for_the_next_call),
		WITH_WORLD(a_pause_works_with_the_port_closed),
		WITH_WORLD(a_pause_leaves_input_alone),
		WITH_WORLD(what_is_no_serial_port_is_refused),
		WITH_WORLD(links_lead_to_the_device),
		WITH_WORLD(no_descriptor_outlives_an_exec),
	};

	return cmocka_run_group_tests_name("port", tests, NULL, NULL);
}
