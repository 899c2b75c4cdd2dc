#include "config.h"

#include "sysfs_fixture.h"

#include "command/jobs.h"

/* The ports of the command line LINE, or what is wrong with it. */
static char *ports_of(const struct world *w, const char *line, char *out, size_t out_size)
{
	char text[200], *rest = text, *words[16];
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(all_stands_for_each_at_port_that_is_plugged_in, world_setup, world_teardown),
	};

	return cmocka_run_group_tests_name("jobs", tests, NULL, NULL);
}
