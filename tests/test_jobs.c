#include "config.h"

#include "sysfs_fixture.h"

#include "command/jobs.h"

/* The ports of the command line LINE, or what is wrong with it. */
static char *ports_of(const struct world *w, const char *line, char *out, size_t out_size)
{
	char text[1024], *rest = text, *words[16];
	struct options o;
	struct jobs jobs;
	size_t used = 0;
	struct err e;
	int count = 0;

	snprintf(text, sizeof(text), "dfota %s", line);
	while (rest)
		words[count++] = strsep(&rest, " ");
	words[count] = NULL;
	options_init(&o);
	assert_int_equal(options_parse(count, words, &o, &e), 0);
	out[0] = '\0';
	if (jobs_make(&o, &w->fake, &jobs, &e) < 0) {
		snprintf(out, out_size, "%s", message_info(e.message.id)->name);
		return out;
	}
	for (size_t i = 0; i < jobs.count; i++)
		used += (size_t)snprintf(out + used, out_size - used, "%s%s", i ? " " : "", strrchr(jobs.plans[i].port, '/') + 1);
	jobs_free(&jobs);
	assert_null(jobs.plans);
	return out;
}

static void all_stands_for_each_at_port_that_is_plugged_in(void **state)
{
	struct world *w = *state;
	char out[512];

	assert_string_equal(ports_of(w, "probe -p all", out, sizeof(out)), "port-not-named");
	plug_device(w, "1-1.1", "1519\n", "0020\n", "UG96\n", "a\n");
	plug_tty(w, "1-1.1", 0, "ttyACM0", "cdc_acm", false);
	plug_tty(w, "1-1.1", 6, "ttyACM3", "cdc_acm", false);
	plug_device(w, "1-1.2", "1519\n", "0020\n", "UG96\n", "b\n");
	plug_tty(w, "1-1.2", 6, "ttyACM10", "cdc_acm", false);
	assert_string_equal(ports_of(w, "probe -p all", out, sizeof(out)), "ttyACM3 ttyACM10");
	/* one that is named as well is there once, and first */
	assert_string_equal(ports_of(w, "probe -p all -p /dev/ttyS7 -p all", out, sizeof(out)), "ttyS7 ttyACM3 ttyACM10");
	assert_string_equal(ports_of(w, "probe -p /dev/ttyS7 -p /dev/ttyS7", out, sizeof(out)), "port-twice");
}

static void all_takes_one_port_of_a_module_and_none_of_another_device(void **state)
{
	struct world *w = *state;
	char line[1024], out[512], tty[16];

	/* all seven ports of a UG96, at a hub with adapters, a phone, and a module in its boot loader */
	plug_device(w, "1-1.1", "1519\n", "0020\n", "UG96\n", "a\n");
	for (unsigned i = 0; i < 7; i++) {
		snprintf(tty, sizeof(tty), "ttyACM%u", i);
		plug_tty(w, "1-1.1", 2 * i, tty, "cdc_acm", false);
	}
	plug_device(w, "1-1.2", "0403\n", "6011\n", "four ports\n", "b\n");
	for (unsigned i = 0; i < 4; i++) {
		snprintf(tty, sizeof(tty), "ttyUSB%u", i);
		plug_tty(w, "1-1.2", i, tty, "ftdi_sio", true);
	}
	plug_device(w, "1-1.3", "04e8\n", "6860\n", "phone\n", "c\n");
	plug_tty(w, "1-1.3", 6, "ttyACM7", "cdc_acm", false);
	plug_device(w, "1-1.4", "05c6\n", "9008\n", "QHSUSB\n", "d\n");
	plug_tty(w, "1-1.4", 2, "ttyUSB4", "qcserial", true);
	assert_string_equal(ports_of(w, "probe -p all", out, sizeof(out)), "ttyACM3");
	/* an EC25 beside it, by the third of its four */
	plug_device(w, "1-1.5", "2c7c\n", "0125\n", "EC25\n", "\n");
	for (unsigned i = 0; i < 4; i++) {
		snprintf(tty, sizeof(tty), "ttyUSB%u", 5 + i);
		plug_tty(w, "1-1.5", i, tty, "option", true);
	}
	assert_string_equal(ports_of(w, "probe -p all", out, sizeof(out)), "ttyACM3 ttyUSB7");
	/* whose other port is named is there by that one */
	snprintf(line, sizeof(line), "probe -p %s/ttyACM4 -p all", w->dev);
	assert_string_equal(ports_of(w, line, out, sizeof(out)), "ttyACM4 ttyUSB7");
	snprintf(line, sizeof(line), "probe -p all -p %s/ttyUSB8 -p %s/ttyUSB0", w->dev, w->dev);
	assert_string_equal(ports_of(w, line, out, sizeof(out)), "ttyUSB8 ttyUSB0 ttyACM3");
	snprintf(line, sizeof(line), "probe -p all -p %s/ttyACM0 -p %s/ttyUSB7", w->dev, w->dev);
	assert_string_equal(ports_of(w, line, out, sizeof(out)), "ttyACM0 ttyUSB7");
}

/* A bench: hundreds of ttys, of which one each is an AT port. */
static void all_takes_as_many_modules_as_a_run_may_have(void **state)
{
	struct world *w = *state;
	char place[16], tty[16], out[2048];
	size_t names = 1;

	for (unsigned i = 0; i < MODULES_MAX; i++) {
		snprintf(place, sizeof(place), "1-1.%u", i + 1);
		plug_device(w, place, "1519\n", "0020\n", "UG96\n", "\n");
		for (unsigned k = 0; k < 4; k++) {
			snprintf(tty, sizeof(tty), "ttyACM%u", 7 * i + k);
			plug_tty(w, place, 2 * k, tty, "cdc_acm", false);
		}
	}
	ports_of(w, "probe -p all", out, sizeof(out));
	for (const char *p = out; *p; p++)
		names += *p == ' ';
	assert_int_equal(names, MODULES_MAX);
	assert_non_null(strstr(out, "ttyACM444"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_stands_for_each_at_port_that_is_plugged_in, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(all_takes_one_port_of_a_module_and_none_of_another_device, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(all_takes_as_many_modules_as_a_run_may_have, world_setup, world_teardown),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
