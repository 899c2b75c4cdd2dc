#include "config.h"

#include "skip.h"
#include "sysfs_fixture.h"

#include <dirent.h>
#include <dlfcn.h>
#include <poll.h>
#include <sys/ioctl.h>

#include <libserialport.h>

/*
 * The back end for real ports, on a pseudo-terminal: ttylines.c, linked in,
 * answers for the modem lines that it lacks, and the two calls below, which
 * stand before the library's, give the library a name that it accepts.
 */
static char known_name[240];	/* what libserialport is to open */
static bool sp_open_fails;

enum sp_return sp_get_port_by_name(const char *name, struct sp_port **port)
{
	enum sp_return (*real)(const char *, struct sp_port **);

	*(void **)&real = dlsym(RTLD_NEXT, "sp_get_port_by_name");
	return real(known_name[0] ? known_name : name, port);
}

enum sp_return sp_open(struct sp_port *port, enum sp_mode mode)
{
	enum sp_return (*real)(struct sp_port *, enum sp_mode);

	*(void **)&real = dlsym(RTLD_NEXT, "sp_open");
	return sp_open_fails ? SP_ERR_FAIL : real(port, mode);
}

static int known_setup(void **state)
{
	struct world *w;

	world_setup(state);
	w = *state;
	make_link(w, "modem", w->slave);
	/* The way round is explained in ttylines.c. */
	snprintf(known_name, sizeof(known_name), "/dev/../../..%s/modem", w->dir);
	sp_open_fails = false;
	return 0;
}

static int known_teardown(void **state)
{
	known_name[0] = '\0';
	return world_teardown(state);
}

/* How many descriptors of ours are the terminal; all must close on exec. */
static int count_descriptors(const struct world *w)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir))) {
		char target[PATH_MAX];
		ssize_t n = readlinkat(dirfd(dir), entry->d_name, target,
				       sizeof(target) - 1);

		if (n <= 0)
			continue;
		target[n] = '\0';
		if (strcmp(target, w->slave) != 0)
			continue;
		count++;
		assert_true(fcntl(atoi(entry->d_name), F_GETFD) & FD_CLOEXEC);
	}
	closedir(dir);
	return count;
}

static int watch_terminal(const struct world *w)
{
	int fd = open(w->slave, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static void a_known_port_is_opened_by_the_library(void **state)
{
	struct world *w = *state;
	int watch = watch_terminal(w), exclusive = -1, lines = 0;
	struct sp_port *known;

	if (sp_get_port_by_name(w->slave, &known) != SP_OK) {	/* ttylines.c */
		close(watch);
		skip_because("this libserialport (0.1.2) takes no pseudo-terminal for a port");
	}
	sp_free_port(known);
	assert_opens(w, w->slave);
	/* Ours with the lock, the library's, and the one that watches. */
	assert_int_equal(count_descriptors(w), 3);
	assert_int_equal(ioctl(watch, TIOCGEXCL, &exclusive), 0);
	assert_int_equal(exclusive, 1);
	port_close(w->port);
	assert_int_equal(count_descriptors(w), 1);
	assert_int_equal(ioctl(watch, TIOCGEXCL, &exclusive), 0);
	assert_int_equal(exclusive, 0);
	assert_int_equal(ioctl(watch, TIOCMGET, &lines), 0);
	assert_int_equal(lines & (TIOCM_DTR | TIOCM_RTS), TIOCM_DTR | TIOCM_RTS);
	close(watch);
	assert_opens(w, w->slave);
}

static void what_the_library_leaves_on_is_off(void **state)
{
	struct world *w = *state;
	const struct port_settings s = { .baud = 921600, .flow_control = true };
	int watch = watch_terminal(w);
	struct termios found, now;

	assert_int_equal(tcgetattr(watch, &found), 0);
	found.c_iflag |= IXON | IXOFF;
	found.c_cflag |= HUPCL | CSTOPB;
	assert_int_equal(tcsetattr(watch, TCSANOW, &found), 0);
	assert_int_equal(tcgetattr(watch, &found), 0);
	assert_int_equal(port_open(w->port, w->slave, &s, &w->e), 0);
	assert_int_equal(tcgetattr(watch, &now), 0);
	assert_int_equal(now.c_iflag & (IXON | IXOFF | IXANY), 0);
	assert_int_equal(now.c_cflag & (HUPCL | CSTOPB | CRTSCTS), CRTSCTS);
	assert_int_equal(cfgetospeed(&now), B921600);
	port_close(w->port);
	assert_int_equal(tcgetattr(watch, &now), 0);
	assert_int_equal(now.c_iflag, found.c_iflag);
	assert_int_equal(now.c_cflag, found.c_cflag & (tcflag_t)~HUPCL);
	assert_int_equal(now.c_lflag, found.c_lflag);
	close(watch);
}

static void bytes_pass_and_a_hang_up_is_seen(void **state)
{
	struct world *w = *state;
	unsigned char out[256], back[256];
	size_t have = 0;

	for (size_t i = 0; i < sizeof(out); i++)
		out[i] = (unsigned char)i;
	assert_opens(w, w->slave);
	assert_int_equal(write(w->master, out, sizeof(out)), sizeof(out));
	while (have < sizeof(back)) {
		int n = port_read(w->port, back + have, sizeof(back) - have,
				  in_ms(LATE_MS), &w->e);

		assert_true(n > 0);
		have += (size_t)n;
	}
	assert_memory_equal(out, back, sizeof(out));
	assert_int_equal(port_write(w->port, out, sizeof(out), in_ms(LATE_MS),
				    &w->e), sizeof(out));
	for (have = 0; have < sizeof(back);) {
		ssize_t n = read(w->master, back + have, sizeof(back) - have);

		assert_true(n > 0);
		have += (size_t)n;
	}
	assert_memory_equal(out, back, sizeof(out));
	close(w->master);
	w->master = -1;
	assert_int_equal(port_read(w->port, back, 1, in_ms(LATE_MS), &w->e), -1);
	assert_error(w, ERR_GONE);
	port_close(w->port);
}

static void a_port_that_the_library_cannot_drive_opens_plainly(void **state)
{
	struct world *w = *state;

	sp_open_fails = true;
	assert_opens(w, w->slave);
	assert_int_equal(count_descriptors(w), 1);
	assert_int_equal(port_write(w->port, "AT\r", 3, in_ms(LATE_MS), &w->e), 3);
}

/* A tty of DRIVER on a USB device, which is the terminal of the world. */
static struct port *plug_port(struct world *w, const char *vid, const char *pid, const char *driver,
			      bool bridge, char path[200])
{
	struct port *p = port_new(clock_monotonic(), NULL, &w->fake, &w->e);

	assert_non_null(p);
	plug_device(w, "1-1.2", vid, pid, "x\n", "1\n");
	plug_tty(w, "1-1.2", 2, "ttyUSB2", driver, bridge);
	make_link(w, "dev/ttyUSB2", w->slave);
	snprintf(path, 200, "%s/ttyUSB2", w->dev);
	return p;
}

static const struct port_settings fast = { .baud = 921600 };

/* faults.md A43: what a driver ignores is not required of it. */
static void a_driver_without_line_settings_is_opened(void **state)
{
	static const struct { const char *vid, *pid, *driver; } rows[] = {
		{ "2c7c\n", "0125\n", "option1" },
		{ "05c6\n", "9003\n", "option1" },
		{ "05c6\n", "9215\n", "qcserial" },
		{ "1519\n", "0020\n", "cdc_acm" },
	};
	struct world *w = *state;
	struct termios before, after;
	int watch = watch_terminal(w);
	char path[200];

	setenv("TTYLINES_DRIVER", "option", 1);
	setenv("TTYLINES_IN", "0", 1);
	assert_int_equal(tcgetattr(watch, &before), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct port *p = plug_port(w, rows[i].vid, rows[i].pid, rows[i].driver, true, path);

		if (port_open(p, path, &fast, &w->e) < 0)
			fail_msg("%s: %s", rows[i].driver, err_read(&w->e));
		assert_int_equal(port_link(p), LINK_OWN_USB);
		/* raw all the same; and its CTS is no matter */
		assert_int_equal(tcgetattr(watch, &after), 0);
		assert_int_equal(after.c_lflag | (after.c_oflag & OPOST) | (after.c_iflag & (IXON | IXOFF)), 0);
		assert_int_equal(cfgetospeed(&after), cfgetospeed(&before));
		assert_int_equal(port_set_flow_control(p, true, &w->e), 0);
		assert_int_equal(port_set_baud(p, 9600, &w->e), 0);
		for (size_t n = 0; port_notice(p, n); n++)
			assert_int_not_equal(port_notice(p, n)->id, MSG_PORT_NO_FLOW_CONTROL);
		assert_int_equal(port_write(p, "AT\r", 3, in_ms(LATE_MS), &w->e), 3);
		port_free(p);
	}
	unsetenv("TTYLINES_DRIVER");
	unsetenv("TTYLINES_IN");
	close(watch);
}

/* On own USB the rate is left alone even where the driver would take it: it is
 * told to the module, and means nothing (protocol.md 4.4). */
static void no_rate_is_told_to_a_modules_own_usb(void **state)
{
	struct world *w = *state;
	struct termios after;
	int watch = watch_terminal(w);
	char path[200];
	struct port *p = plug_port(w, "1519\n", "0020\n", "cdc_acm", false, path);

	assert_int_equal(port_open(p, path, &fast, &w->e), 0);
	assert_int_equal(tcgetattr(watch, &after), 0);
	assert_int_equal(cfgetospeed(&after), B38400);	/* as the terminal had it */
	port_free(p);
	close(watch);
}

/* An adapter has a wire: the rate is set, and a CTS that is low is said. */
static void an_adapter_must_have_what_its_wire_has(void **state)
{
	static const struct { const char *vid, *pid, *driver; } rows[] = {
		{ "0403\n", "6001\n", "ftdi_sio" },
		{ "10c4\n", "ea60\n", "cp210x" },
		{ "1a86\n", "55d3\n", "cdc_acm" },
	};
	struct world *w = *state;
	struct termios after;
	int watch = watch_terminal(w);
	char path[200];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct port *p = plug_port(w, rows[i].vid, rows[i].pid, rows[i].driver, true, path);

		assert_int_equal(port_open(p, path, &fast, &w->e), 0);
		assert_int_equal(port_link(p), LINK_ADAPTER);
		assert_int_equal(tcgetattr(watch, &after), 0);
		assert_int_equal(cfgetospeed(&after), B921600);
		assert_int_equal(port_set_flow_control(p, true, &w->e), 0);
		setenv("TTYLINES_IN", "0", 1);
		assert_int_equal(port_set_flow_control(p, true, &w->e), -1);
		assert_int_equal(w->e.message.id, MSG_PORT_CTS_LOW);
		unsetenv("TTYLINES_IN");
		port_close(p);
		/* a driver that ignores what a wire needs is found out */
		setenv("TTYLINES_DRIVER", "option", 1);
		assert_int_equal(port_open(p, path, &usual, &w->e), -1);
		assert_int_equal(w->e.message.id, MSG_PORT_SETTING);
		unsetenv("TTYLINES_DRIVER");
		port_free(p);
	}
	close(watch);
}

#define WITH_KNOWN(f) cmocka_unit_test_setup_teardown(f, known_setup, known_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_KNOWN(a_known_port_is_opened_by_the_library),
		WITH_KNOWN(what_the_library_leaves_on_is_off),
		WITH_KNOWN(bytes_pass_and_a_hang_up_is_seen),
		WITH_KNOWN(a_driver_without_line_settings_is_opened),
		WITH_KNOWN(no_rate_is_told_to_a_modules_own_usb),
		WITH_KNOWN(an_adapter_must_have_what_its_wire_has),
		WITH_KNOWN(a_port_that_the_library_cannot_drive_opens_plainly),
	};

	return cmocka_run_group_tests_name("port, serial back end", tests, NULL, NULL);
}
