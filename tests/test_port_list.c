#include "config.h"

#include "sysfs_fixture.h"

#include <poll.h>
#include <sys/sysmacros.h>

static void unplug_tty(const struct world *w, const char *node)
{
	char name[300];

	snprintf(name, sizeof(name), "%s/class/tty/%s/device", w->sys, node);
	assert_int_equal(unlink(name), 0);
	snprintf(name, sizeof(name), "%s/class/tty/%s", w->sys, node);
	assert_int_equal(rmdir(name), 0);
}

/* An UART name of the 8250 driver; TYPE 0: without an UART. */
static void plug_uart(const struct world *w, const char *node, const char *type)
{
	char name[300], target[440];

	snprintf(name, sizeof(name), "sys/devices/pnp0/%s:0/%s:0.0", node, node);
	make_dir(w, name);
	snprintf(target, sizeof(target), "%s/%s", w->dir, name);
	snprintf(name, sizeof(name), "sys/class/tty/%s", node);
	make_dir(w, name);
	snprintf(name, sizeof(name), "sys/class/tty/%s/device", node);
	make_link(w, name, target);
	snprintf(name, sizeof(name), "sys/class/tty/%s/type", node);
	make_file(w, name, type);
	/* As Linux 6.5 and later have it. */
	snprintf(name, sizeof(name), "sys/devices/pnp0/%s:0/%s:0.0/driver", node, node);
	make_link(w, name, "../../../bus/serial-base/drivers/port");
	snprintf(name, sizeof(name), "sys/devices/pnp0/%s:0/%s:0.0/subsystem", node, node);
	make_link(w, name, "../../../bus/serial-base");
	snprintf(name, sizeof(name), "sys/devices/pnp0/%s:0/driver", node);
	make_link(w, name, "../../../bus/pnp/drivers/serial");
}

/* A UG96 whose nodes count from FIRST (protocol.md 9), an FT232R,
 * two UARTs, a UART name without UART, and a virtual console. */
static void plug_all(const struct world *w, unsigned first)
{
	char node[16], name[80];

	make_dir(w, "sys/class/tty/tty1");
	plug_uart(w, "ttyS10", "4\n");
	plug_uart(w, "ttyS2", "4\n");
	plug_uart(w, "ttyS1", "0\n");
	plug_device(w, "1-1.10", "0403\n", "6001\n", "FT232R USB UART\n", "A50285BI\n");
	plug_tty(w, "1-1.10", 0, "ttyUSB0", "ftdi_sio", true);
	plug_device(w, "1-1.2", "1519\n", "0020\n", "UG96\n", "004999010640000\n");
	for (unsigned i = 0; i < 7; i++) {
		snprintf(node, sizeof(node), "ttyACM%u", first + i);
		plug_tty(w, "1-1.2", 2 * i, node, "cdc_acm", false);
	}
	snprintf(name, sizeof(name), "dev/ttyACM%u", first + 3);
	make_link(w, name, w->slave);
	make_file(w, "dev/ttyS2", "");
}

static int list(struct world *w, struct port_info *out, size_t max)
{
	int count = port_list(&w->fake, out, max, &w->e);

	if (count < 0)
		fail_msg("%s", err_read(&w->e));
	return count;
}

static void every_port_with_hardware_is_listed_in_order(void **state)
{
	static const struct {
		const char *node, *usb_path, *driver, *serial, *description;
		int vid, pid, interface;
	} rows[] = {
		{ "ttyACM8", "1-1.2", "cdc_acm", "004999010640000", "UG96", 0x1519, 0x20, 0 },
		{ "ttyACM9", "1-1.2", "cdc_acm", "004999010640000", "UG96", 0x1519, 0x20, 2 },
		{ "ttyACM10", "1-1.2", "cdc_acm", "004999010640000", "UG96", 0x1519, 0x20, 4 },
		{ "ttyACM11", "1-1.2", "cdc_acm", "004999010640000", "UG96", 0x1519, 0x20, 6 },
		{ "ttyACM12", "1-1.2", "cdc_acm", "004999010640000", "UG96", 0x1519, 0x20, 8 },
		{ "ttyACM13", "1-1.2", "cdc_acm", "004999010640000", "UG96", 0x1519, 0x20, 10 },
		{ "ttyACM14", "1-1.2", "cdc_acm", "004999010640000", "UG96", 0x1519, 0x20, 12 },
		{ "ttyUSB0", "1-1.10", "ftdi_sio", "A50285BI", "FT232R USB UART", 0x403, 0x6001, 0 },
		{ "ttyS2", "", "serial", "", "serial port", -1, -1, -1 },
		{ "ttyS10", "", "serial", "", "serial port", -1, -1, -1 },
	};
	struct world *w = *state;
	struct port_info out[16], few[3];

	plug_all(w, 8);
	assert_int_equal(list(w, out, 16), sizeof(rows) / sizeof(rows[0]));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char path[200];

		snprintf(path, sizeof(path), "%s/%s", w->dev, rows[i].node);
		assert_string_equal(out[i].path, path);
		assert_string_equal(out[i].usb_path, rows[i].usb_path);
		assert_string_equal(out[i].driver, rows[i].driver);
		assert_string_equal(out[i].serial, rows[i].serial);
		assert_string_equal(out[i].description, rows[i].description);
		assert_int_equal(out[i].usb_vid, rows[i].vid);
		assert_int_equal(out[i].usb_pid, rows[i].pid);
		assert_int_equal(out[i].usb_interface, rows[i].interface);
		assert_int_equal(out[i].likely_at, rows[i].interface == 6);	/* protocol.md 9 */
		assert_string_equal(out[i].holder, "");
	}
	assert_non_null(strstr(message_read(&out[0].problem), "there is no device file"));
	assert_int_equal(out[3].problem.id, MSG_NONE);
	/* A short array holds the first ones, whatever order sysfs has. */
	assert_int_equal(list(w, few, 3), 3);
	for (size_t i = 0; i < 3; i++)
		assert_string_equal(few[i].path, out[i].path);
	assert_int_equal(list(w, few, 0), 0);
}

/* faults.md A30: by driver and id, never by there being a USB path. */
static void the_link_is_known_by_the_driver(void **state)
{
	static const struct {
		const char *vid, *pid, *driver;
		bool bridge;
		enum link link;
	} rows[] = {
		{ "1519\n", "0020\n", "cdc_acm", false, LINK_OWN_USB },
		{ "2c7c\n", "0125\n", "option1", true, LINK_OWN_USB },
		{ "12d1\n", "1506\n", "option1", true, LINK_OWN_USB },
		{ "05c6\n", "9090\n", "qcserial", true, LINK_OWN_USB },
		{ "2c7c\n", "6002\n", "cdc_acm", false, LINK_OWN_USB },
		{ "0403\n", "6001\n", "ftdi_sio", true, LINK_ADAPTER },
		{ "10c4\n", "ea60\n", "cp210x", true, LINK_ADAPTER },
		{ "1a86\n", "7523\n", "ch341-uart", true, LINK_ADAPTER },
		{ "1a86\n", "55d3\n", "cdc_acm", false, LINK_ADAPTER },
		{ "067b\n", "2303\n", "pl2303", true, LINK_ADAPTER },
	};
	struct world *w = *state;
	struct port_info info;
	char path[200];

	make_dir(w, "sys/class/tty");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char place[16], node[16];

		snprintf(place, sizeof(place), "1-%zu", i + 1);
		snprintf(node, sizeof(node), "ttyUSB%zu", i);
		plug_device(w, place, rows[i].vid, rows[i].pid, "x\n", "1\n");
		plug_tty(w, place, 2, node, rows[i].driver, rows[i].bridge);
		snprintf(path, sizeof(path), "dev/%s", node);
		make_link(w, path, w->slave);
		snprintf(path, sizeof(path), "%s/%s", w->dev, node);
		assert_int_equal(port_describe(&w->fake, path, &info, &w->e), 0);
		if (link_of(&info) != rows[i].link)
			fail_msg("%s: %s", rows[i].driver, link_info(link_of(&info))->name);
	}
	plug_uart(w, "ttyS3", "4\n");
	make_link(w, "dev/ttyS3", w->slave);
	snprintf(path, sizeof(path), "%s/ttyS3", w->dev);
	assert_int_equal(port_describe(&w->fake, path, &info, &w->e), 0);
	assert_int_equal(link_of(&info), LINK_UART);
	assert_int_equal(port_describe(&w->fake, w->slave, &info, &w->e), 0);
	assert_int_equal(link_of(&info), LINK_PTY);
}

/* The port itself says so, too, by any path that leads to it. */
static void an_open_port_knows_its_link(void **state)
{
	struct world *w = *state;
	struct port *p = port_new(clock_monotonic(), NULL, &w->fake, &w->e);
	char path[200];

	assert_non_null(p);
	plug_all(w, 0);
	make_link(w, "dev/ttyUSB0", w->slave);
	make_link(w, "by-id", "dev/ttyACM3");
	snprintf(path, sizeof(path), "%s/by-id", w->dir);
	assert_int_equal(port_open(p, path, &usual, &w->e), 0);
	assert_int_equal(port_link(p), LINK_OWN_USB);
	port_close(p);
	snprintf(path, sizeof(path), "%s/ttyUSB0", w->dev);
	assert_int_equal(port_open(p, path, &usual, &w->e), 0);
	assert_int_equal(port_link(p), LINK_ADAPTER);
	port_close(p);
	assert_int_equal(port_open(p, w->slave, &usual, &w->e), 0);
	assert_int_equal(port_link(p), LINK_PTY);
	port_free(p);
}

/* What is stored or asked of a link follows from its row. */
static void what_a_link_means_stands_in_one_row(void **state)
{
	const struct port_info usbat = { .likely_at = true }, other = { .likely_at = false };

	(void)state;
	for (int link = 0; link < LINK_COUNT; link++) {
		const struct link_info *i = link_info((enum link)link);
		bool wired = link == LINK_UART || link == LINK_ADAPTER;

		assert_int_equal(i->stores_rate, wired);
		assert_int_equal(i->flow == FLOW_LINES, wired);
		assert_true(i->sets_rate || !i->searches_rate);
	}
	assert_string_equal(link_urc_port(LINK_OWN_USB, &usbat), "usbat");
	assert_null(link_urc_port(LINK_OWN_USB, &other));
	assert_string_equal(link_urc_port(LINK_ADAPTER, &other), "uart1");
	assert_null(link_urc_port(LINK_SOCKET, &other));
}

static void nothing_plugged_in_is_an_empty_list(void **state)
{
	struct world *w = *state;
	struct port_info out[4];

	assert_int_equal(port_list(&w->fake, out, 4, &w->e), -1);
	assert_error(w, ERR_PORT);
	make_dir(w, "sys/class/tty");
	assert_int_equal(list(w, out, 4), 0);
}

static void a_module_is_found_again_by_its_usb_path(void **state)
{
	struct world *w = *state;
	struct port_info was, out[16];
	char path[200];
	int found = 0;

	plug_all(w, 0);
	snprintf(path, sizeof(path), "%s/ttyACM3", w->dev);
	assert_int_equal(port_describe(&w->fake, path, &was, &w->e), 0);
	assert_string_equal(was.usb_path, "1-1.2");
	assert_int_equal(was.usb_interface, 6);
	for (unsigned i = 0; i < 7; i++) {
		char node[16];

		snprintf(node, sizeof(node), "ttyACM%u", i);
		unplug_tty(w, node);
	}
	/* Something else takes the old name. */
	plug_device(w, "1-1.3", "1519\n", "0020\n", "UG96\n", "004999010640001\n");
	plug_tty(w, "1-1.3", 6, "ttyACM3", "cdc_acm", false);
	plug_all(w, 7);
	for (int i = 0, count = list(w, out, 16); i < count; i++)
		if (strcmp(out[i].usb_path, was.usb_path) == 0 &&
		    out[i].usb_interface == was.usb_interface) {
			snprintf(path, sizeof(path), "%s/ttyACM10", w->dev);
			assert_string_equal(out[i].path, path);
			found++;
		}
	assert_int_equal(found, 1);
}

static void what_usb_descriptors_say_is_made_safe(void **state)
{
	struct world *w = *state;
	struct port_info out;
	char longer[300];

	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	plug_device(w, "1-1.2", "zz\n", "0020\n", "\x1b]0;evil\a\n", longer);
	plug_tty(w, "1-1.2", 0, "ttyUSB0", "option", true);
	plug_device(w, "1-1.2", "05c6\n", "", "\x1b]0;evil\a\n", longer);
	assert_int_equal(list(w, &out, 1), 1);
	assert_string_equal(out.description, "\\x1b]0;evil\\x07");
	assert_true(strlen(out.serial) < sizeof(out.serial));
	assert_int_equal(out.usb_vid, 0x5c6);
	assert_int_equal(out.usb_pid, -1);
}

static void links_are_described_by_what_they_lead_to(void **state)
{
	struct world *w = *state;
	struct port_info out;
	char path[240];

	plug_all(w, 0);
	make_dir(w, "dev/serial/by-id");
	make_link(w, "dev/serial/by-id/usb-UG96-if06", "../../ttyACM3");
	snprintf(path, sizeof(path), "%s/serial/by-id/usb-UG96-if06", w->dev);
	assert_int_equal(port_describe(&w->fake, path, &out, &w->e), 0);
	assert_string_equal(out.usb_path, "1-1.2");
	assert_int_equal(out.usb_interface, 6);
	/* And opens. */
	port_free(w->port);
	w->port = port_new(clock_monotonic(), NULL, &w->fake, &w->e);
	assert_non_null(w->port);
	assert_opens(w, path);
}

static void what_is_not_usb_has_no_usb_path(void **state)
{
	struct world *w = *state;
	struct port_info out;

	assert_int_equal(port_describe(NULL, w->slave, &out, &w->e), 0);
	assert_string_equal(out.path, w->slave);
	assert_string_equal(out.usb_path, "");
	assert_string_equal(out.description, "pseudo-terminal");
	assert_int_equal(out.usb_vid, -1);
	assert_int_equal(port_describe(NULL, "tcp:localhost:2000", &out, &w->e), 0);
	assert_string_equal(out.path, "tcp:localhost:2000");
	assert_string_equal(out.usb_path, "");
	assert_int_equal(port_describe(NULL, "/dev/null", &out, &w->e), -1);
	assert_error(w, ERR_PORT);
	assert_int_equal(port_describe(NULL, "", &out, &w->e), -1);
	assert_error(w, ERR_PORT);
}

static void a_missing_port_lists_what_there_is(void **state)
{
	struct world *w = *state;
	char path[200];

	port_free(w->port);
	w->port = port_new(clock_monotonic(), NULL, &w->fake, &w->e);
	assert_non_null(w->port);
	make_dir(w, "sys/class/tty");
	snprintf(path, sizeof(path), "%s/ttyUSB9", w->dev);
	assert_refused(w, path, ERR_PORT, "no other serial port was found");
	plug_device(w, "1-1.10", "0403\n", "6001\n", "FT232R USB UART\n", "A50285BI\n");
	plug_tty(w, "1-1.10", 0, "ttyUSB0", "ftdi_sio", true);
	assert_refused(w, path, ERR_PORT, "ttyUSB0 (FT232R USB UART)");
	assert_non_null(strstr(err_read(&w->e), path));
}

/* Known to sysfs as no tty: refused without an open. */
static void another_device_is_not_even_opened(void **state)
{
	struct world *w = *state;
	struct stat node;
	char name[80];

	port_free(w->port);
	w->port = port_new(clock_monotonic(), NULL, &w->fake, &w->e);
	assert_non_null(w->port);
	assert_int_equal(stat(w->slave, &node), 0);
	snprintf(name, sizeof(name), "sys/dev/char/%u:%u", major(node.st_rdev),
		 minor(node.st_rdev));
	make_dir(w, name);
	snprintf(name, sizeof(name), "sys/dev/char/%u:%u/subsystem",
		 major(node.st_rdev), minor(node.st_rdev));
	make_link(w, name, "../../../class/watchdog");
	assert_refused(w, w->slave, ERR_PORT, "is not a serial port but another device");
	make_link(w, name, "../../../class/tty");
	assert_opens(w, w->slave);
}

static void the_list_names_holders(void **state)
{
	struct world *w = *state;
	struct port_info out[16];
	char text[64];

	plug_all(w, 0);
	make_dir(w, "proc/812/fd");
	make_file(w, "proc/812/comm", "mini\033com\n");
	make_link(w, "proc/812/fd/0", "/dev/null");
	make_link(w, "proc/812/fd/3", w->slave);
	assert_int_equal(list(w, out, 16), 10);
	assert_string_equal(out[3].holder, "mini\\x1bcom (812)");
	assert_non_null(strstr(message_read(&out[3].problem), "is held by mini\\x1bcom (812)\nClose mini\\x1bcom, then try again"));
	assert_string_equal(out[2].holder, "");
	/* Who only waits for a module asks no process. */
	assert_int_equal(port_list_hardware(&w->fake, out, 16, &w->e), 10);
	assert_string_equal(out[3].holder, "");
	assert_int_equal(out[3].problem.id, MSG_NONE);
	/* By its lock file alone; pid 1 lives for sure. */
	snprintf(text, sizeof(text), "%10d\n", 1);
	make_file(w, "lock/LCK..ttyS2", text);
	make_dir(w, "proc/1");
	make_file(w, "proc/1/comm", "cu\n");
	assert_int_equal(list(w, out, 16), 10);
	assert_string_equal(out[8].holder, "cu (1)");
	/* It may be upgrading a module. */
	make_file(w, "proc/1/comm", "dfota\n");
	assert_int_equal(list(w, out, 16), 10);
	assert_non_null(strstr(message_read(&out[8].problem), "is held by dfota (1)\nLet that dfota finish"));
}

static bool came(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	assert_int_equal(poll(&p, 1, LATE_MS), 1);
	return port_monitor_take(fd);
}

static void the_monitor_sees_ports_come_and_go(void **state)
{
	struct world *w = *state;
	struct pollfd p;
	char path[200];
	int fd = port_monitor_open(&w->fake, &w->e);

	assert_true(fd >= 0);
	assert_false(port_monitor_take(fd));
	make_file(w, "dev/ttyUSB0", "");
	assert_true(came(fd));
	assert_false(port_monitor_take(fd));
	make_file(w, "dev/sda", "");
	assert_false(came(fd));
	/* udev grants access. */
	snprintf(path, sizeof(path), "%s/ttyUSB0", w->dev);
	assert_int_equal(chmod(path, 0600), 0);
	assert_true(came(fd));
	assert_int_equal(unlink(path), 0);
	assert_true(came(fd));
	p = (struct pollfd){ fd, POLLIN, 0 };
	assert_int_equal(poll(&p, 1, 0), 0);
	close(fd);
	assert_int_equal(rmdir(w->proc), 0);
	w->fake.dev = w->proc;
	assert_int_equal(port_monitor_open(&w->fake, &w->e), -1);
	assert_error(w, ERR_PORT);
}

static void this_computer_can_be_listed(void **state)
{
	struct world *w = *state;
	struct port_info out[64];
	int count = port_list(NULL, out, 64, &w->e);

	/* A container may have no sysfs. */
	if (count < 0)
		assert_error(w, ERR_PORT);
	for (int i = 0; i < count; i++)
		if (strncmp(out[i].path, "/dev/", 5) != 0)
			fail_msg("%s", out[i].path);
}

#define WITH_WORLD(f) cmocka_unit_test_setup_teardown(f, world_setup, world_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_WORLD(every_port_with_hardware_is_listed_in_order),
		WITH_WORLD(the_link_is_known_by_the_driver),
		WITH_WORLD(an_open_port_knows_its_link),
		cmocka_unit_test(what_a_link_means_stands_in_one_row),
		WITH_WORLD(nothing_plugged_in_is_an_empty_list),
		WITH_WORLD(a_module_is_found_again_by_its_usb_path),
		WITH_WORLD(what_usb_descriptors_say_is_made_safe),
		WITH_WORLD(links_are_described_by_what_they_lead_to),
		WITH_WORLD(what_is_not_usb_has_no_usb_path),
		WITH_WORLD(a_missing_port_lists_what_there_is),
		WITH_WORLD(another_device_is_not_even_opened),
		WITH_WORLD(the_list_names_holders),
		WITH_WORLD(the_monitor_sees_ports_come_and_go),
		WITH_WORLD(this_computer_can_be_listed),
	};

	return cmocka_run_group_tests_name("port list", tests, NULL, NULL);
}
