/*
 * What is stored in the module: only what its state and its link warrant, said
 * before and after, in the record, and put back.
 */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "upgrade_fixture.h"

#include "base/count.h"
#include "words.h"

#define AUTO_RATE "set auto-rate on\n"
#define URCS_OFF "set stateurc off\n"
#define URCS_ELSEWHERE "set urcport usbmodem\n"
#define ALL AUTO_RATE URCS_OFF URCS_ELSEWHERE

#define SET_RATE "AT+IPR=115200;&W"
#define SET_STATE_URC "AT+QCFG=\"stateurc/enable\",1"
#define SET_URC_PORT "AT+QURCCFG=\"urcport\",\"uart1\""

static void prepare(struct run *r, void **state, bool pull, const char *scenario, enum link link)
{
	run_init(r, state);
	if (pull)
		run_pull(r, HTTP_URL);
	else
		run_push(r);
	r->config.sim.scenario_text = scenario;
	r->config.link = link;
}

static void assert_setting(const struct run *r, size_t index, const char *command, const char *before,
			   enum setting_state state)
{
	const struct setting *s = &r->result.settings.list[index];

	assert_in_range(index + 1, 1, r->result.settings.count);
	assert_string_equal(s->command, command);
	assert_string_equal(s->before, before);
	if (s->state != state)
		fail_msg("%s is %s\n%s\n%s", command, setting_state_name((int)s->state), r->notices, r->lines);
}

/* faults.md A32: the simulated module counts what is not put back. */
static void what_is_stored_is_put_back(void **state)
{
	static const struct {
		const char *scenario, *command, *before, *undo;
	} rows[] = {
		{AUTO_RATE, SET_RATE, "0", "AT+IPR=0;&W"},
		{URCS_OFF, SET_STATE_URC, "0", "AT+QCFG=\"stateurc/enable\",0"},
		{URCS_ELSEWHERE, SET_URC_PORT, "usbmodem", "AT+QURCCFG=\"urcport\",\"usbmodem\""},
		{"set urcport usbat\n", SET_URC_PORT, "usbat", "AT+QURCCFG=\"urcport\",\"usbat\""},
		/* however it ends */
		{AUTO_RATE "set end-code 504\n", SET_RATE, "0", "AT+IPR=0;&W"},
		{URCS_OFF "set final-version UG96LNAR02A07E1G\n", SET_STATE_URC, "0", "AT+QCFG=\"stateurc/enable\",0"},
		{URCS_ELSEWHERE "on AT+QFOTADL=\"*\n\tline ERROR\n", SET_URC_PORT, "usbmodem", "AT+QURCCFG=\"urcport\",\"usbmodem\""},
	};

	for (size_t i = 0; i < 2 * COUNT(rows); i++) {
		struct run r;

		prepare(&r, state, i % 2, rows[i / 2].scenario, LINK_UART);
		run_go(&r);
		run_expect(&r, r.result.outcome);
		assert_int_not_equal(r.result.outcome, OUTCOME_UNKNOWN);
		assert_int_equal(r.result.settings.count, 1);
		assert_setting(&r, 0, rows[i / 2].command, rows[i / 2].before, SETTING_PUT_BACK);
		assert_string_equal(r.result.settings.list[0].undo, rows[i / 2].undo);
		assert_non_null(strstr(r.lines, rows[i / 2].undo));
	}
}

/* The session's own modes do not get into the profile that &W stores. */
static void only_the_rate_is_stored_with_the_rate(void **state)
{
	static const char *const scenarios[] = {
		AUTO_RATE, AUTO_RATE "set cmee 2\n", AUTO_RATE "set echo off\n", AUTO_RATE "set ifc 2,2\n",
	};

	for (size_t i = 0; i < COUNT(scenarios); i++) {
		struct run r;

		prepare(&r, state, i % 2, scenarios[i], i % 2 ? LINK_ADAPTER : LINK_UART);
		r.plan.keep_settings = true;
		run_go(&r);
		assert_int_equal(r.result.outcome, OUTCOME_SUCCESS);
		assert_setting(&r, 0, SET_RATE, "0", SETTING_CHANGED);
		/* that one is left on purpose; no other */
		assert_int_equal(r.violations, 1);
		assert_non_null(strstr(r.violation, "AT+IPR: 115200, before 0"));
	}
}

static void a_setting_that_is_to_stay_stays(void **state)
{
	struct run r;

	prepare(&r, state, false, ALL, LINK_UART);
	r.plan.keep_settings = true;
	run_go(&r);
	assert_int_equal(r.result.outcome, OUTCOME_SUCCESS);
	assert_int_equal(r.violations, 3);
	assert_int_equal(r.result.settings.count, 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(r.result.settings.list[i].state, SETTING_CHANGED);
	assert_non_null(strstr(r.notices, "and stays: " SET_RATE "; before: 0"));
	assert_null(strstr(r.lines, "AT+IPR=0"));
}

/* faults.md A30, A31, A33; protocol.md 4.4, 4.5. */
static void only_what_the_link_warrants_is_sent(void **state)
{
	static const struct {
		enum link link;
		const char *scenario;
		bool rate, flow, urc_port;
	} rows[] = {
		{LINK_UART, ALL, true, true, true},
		{LINK_ADAPTER, ALL, true, true, true},
		{LINK_PTY, ALL, false, false, true},
		{LINK_SOCKET, ALL, false, false, false},
		{LINK_TELNET, ALL, false, true, false},
		{LINK_OWN_USB, AUTO_RATE URCS_OFF "set urcport usbmodem\n", false, false, false},
		/* a rate that is not the host's proves that the host's is not the wire's */
		{LINK_UART, "on AT+IPR?\n\tline +IPR: 9600\n\tline OK\n", false, true, false},
		{LINK_SOCKET, "on AT+IPR?\n\tline +IPR: 9600\n\tline OK\n", false, false, false},
		{LINK_PTY, "on AT+IPR?\n\tline +IPR: 921600\n\tline OK\n", false, false, false},
		{LINK_OWN_USB, "on AT+IPR?\n\tline +IPR: 460800\n\tline OK\n", false, false, false},
		{LINK_ADAPTER, "on AT+IPR?\n\tline ERROR\n", false, true, false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		prepare(&r, state, false, rows[i].scenario, rows[i].link);
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
		if ((strstr(r.lines, "AT+IPR=") != NULL) != rows[i].rate ||
		    (strstr(r.lines, "AT+IFC=") != NULL) != rows[i].flow ||
		    (strstr(r.lines, "AT+QURCCFG=\"urcport\",") != NULL) != rows[i].urc_port)
			fail_msg("row %zu, %s\n%s", i, link_info(rows[i].link)->name, r.lines);
		assert_int_equal(strstr(r.lines, "&W") != NULL, rows[i].rate);
	}
}

/* faults.md A28, A33: at a rate above the pace what is not proven is not used. */
static void flow_control_counts_when_the_module_has_said_so(void **state)
{
	static const struct {
		enum link link;
		const char *scenario;
		bool slow, complains;
	} rows[] = {
		{LINK_UART, "set ifc 2,2\n", false, false},
		{LINK_UART, "", false, false},
		{LINK_ADAPTER, "on AT+IFC?\n\tline ERROR\n", false, true},
		{LINK_ADAPTER, "on AT+IFC=*\n\tline ERROR\n", true, false},
		{LINK_UART, "on AT+IFC?\n\tline ERROR\non AT+IFC=*\n\tline ERROR\n", true, true},
		/* nothing is complained of that the link does not have */
		{LINK_OWN_USB, "on AT+IFC?\n\tline ERROR\n", false, false},
		{LINK_PTY, "on AT+IFC?\n\tline ERROR\n", true, false},
		{LINK_SOCKET, "on AT+IFC?\n\tline ERROR\n", true, false},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		unsigned writes;
		struct run r;

		prepare(&r, state, false, rows[i].scenario, rows[i].link);
		r.plan.baud = r.config.sim.baud = 921600;
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
		writes = r.calls[SIM_PORT_WRITE];
		/* 32 bytes a write, or blocks */
		if ((writes > 20003 / 64) != rows[i].slow ||
		    (strstr(r.notices, "does not report its flow control") != NULL) != rows[i].complains)
			fail_msg("row %zu: %u writes\n%s", i, writes, r.notices);
	}
}

/* Shown before: to who only looks, and to who is asked. */
static void what_would_be_stored_is_shown_first(void **state)
{
	struct run r;

	prepare(&r, state, false, ALL, LINK_UART);
	r.plan.dry_run = true;
	run_go(&r);
	run_expect(&r, OUTCOME_READY);
	assert_int_equal(r.result.settings.count, 0);
	assert_non_null(strstr(r.notices, "stored in the module: " SET_RATE ", before: 0; at the end AT+IPR=0;&W puts it back"));
	assert_non_null(strstr(r.notices, "stored in the module: " SET_STATE_URC ", before: 0"));
	assert_non_null(strstr(r.notices, "would send: " SET_URC_PORT));
	assert_non_null(strstr(r.notices, "would send at the end: AT+QURCCFG=\"urcport\",\"usbmodem\""));
	assert_non_null(strstr(r.notices, "would send: AT+QFOTADL="));
	assert_null(strstr(r.lines, "&W"));
	assert_null(strstr(r.lines, "uart1\"\n"));
	assert_string_equal(safety_words(&r.result), "The module was not touched; it is safe to remove power.");
}

/* A damaged answer stores nothing by itself, nor what would be put back. */
static void what_is_stored_is_read_twice(void **state)
{
	static const struct {
		const char *scenario, *before;	/* NULL: nothing is stored */
	} rows[] = {
		{"on AT+QURCCFG=\"urcport\" nth 1\n\tline +QURCCFG: \"urcport\",\"uart\"\n\tline OK\n", NULL},
		{"on AT+IPR? nth 1\n\tline +IPR: 0\n\tline OK\n", NULL},
		{"on AT+QCFG=\"stateurc/enable\" nth 1\n\tline +QCFG: \"stateurc/enable\",0\n\tline OK\n", NULL},
		{URCS_ELSEWHERE "on AT+QURCCFG=\"urcport\" nth 1\n\tline +QURCCFG: \"urcport\",\"usbmode\"\n\tline OK\n", "usbmodem"},
		{URCS_ELSEWHERE "on AT+QURCCFG=\"urcport\" nth 2\n\tline +QURCCFG: \"urcport\",\"us\"\n\tline OK\n", NULL},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		prepare(&r, state, false, rows[i].scenario, LINK_ADAPTER);
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
		assert_int_equal(r.result.settings.count, rows[i].before != NULL);
		if (rows[i].before)
			assert_string_equal(r.result.settings.list[0].before, rows[i].before);
	}
}

/* What cannot be set is left, and nothing is said to have changed. */
static void a_setting_that_is_refused_is_none(void **state)
{
	static const struct {
		const char *scenario;
		enum setting_state state;
		const char *notice;
	} rows[] = {
		{AUTO_RATE "on AT+IPR=*\n\tline ERROR\n", SETTING_REFUSED, "the automatic bit rate is left"},
		{AUTO_RATE "on ATZ\n\tline ERROR\n", SETTING_REFUSED, "the automatic bit rate is left"},
		{URCS_OFF "on AT+QCFG=\"stateurc/enable\",*\n\tline +CME ERROR: 4\n", SETTING_REFUSED, "progress may not be available"},
		{URCS_ELSEWHERE "on AT+QURCCFG=\"urcport\",*\n\tline ERROR\n", SETTING_REFUSED, "progress is not available"},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct run r;

		prepare(&r, state, false, rows[i].scenario, LINK_ADAPTER);
		run_go(&r);
		run_expect(&r, OUTCOME_SUCCESS);
		assert_int_equal(r.result.settings.count, 1);
		assert_int_equal(r.result.settings.list[0].state, rows[i].state);
		assert_non_null(strstr(r.notices, rows[i].notice));
	}
}

/* It cannot be put back: said, with the command that does it. */
static void what_is_not_put_back_is_said(void **state)
{
	static const struct {
		const char *scenario;
		enum outcome outcome;
	} rows[] = {
		{URCS_OFF "on AT+QCFG=\"stateurc/enable\",0\n\tline ERROR\n", OUTCOME_SUCCESS},
		{URCS_OFF "at boot\n\tset mute on\n", OUTCOME_UNKNOWN},
		{URCS_OFF "set absent-ms 0\n", OUTCOME_UNKNOWN},
	};

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct message m;
		struct run r;

		prepare(&r, state, false, rows[i].scenario, LINK_UART);
		run_go(&r);
		assert_int_equal(r.result.outcome, rows[i].outcome);
		assert_int_equal(r.violations, 1);
		assert_setting(&r, 0, SET_STATE_URC, "0", SETTING_CHANGED);
		setting_message(&r.result.settings.list[0], &m);
		assert_string_equal(message_words(&m), "was changed: " SET_STATE_URC
				    ", before: 0; not put back: AT+QCFG=\"stateurc/enable\",0 does that");
	}
}

/* Cancelled or stopped after the yes, at any call: put back, or said, and never
 * called untouched. */
static void a_stop_at_any_point_leaves_nothing_unsaid(void **state)
{
	static const enum err_code codes[] = {ERR_GONE, ERR_CANCELLED, ERR_PORT};
	unsigned changed = 0;

	for (unsigned nth = 10; nth < 130; nth++) {
		struct run r;
		bool touched;

		prepare(&r, state, false, ALL, LINK_UART);
		run_power_on(&r);
		sim_port_fail(r.sp, SIM_PORT_WRITE, nth, codes[nth % COUNT(codes)]);
		run_program(&r);
		touched = settings_touched(&r.result.settings);
		for (size_t i = 0; i < r.result.settings.count; i++)
			r.violations -= r.violations && setting_stands(&r.result.settings.list[i]);
		if (r.violations)
			fail_msg("call %u: %s\n%s\n%s", nth, r.violation, r.notices, r.lines);
		if (touched)
			assert_null(strstr(safety_words(&r.result), "module was not touched"));
		changed += touched;
		run_power_off(&r);
	}
	assert_in_range(changed, 10, 200);
}

/* Killed at any point: what stands in the module is in a record that is
 * unfinished, and who goes on puts it back. */
static void a_killed_program_leaves_what_its_record_knows(void **state)
{
	unsigned points, resumed = 0;
	struct run r;

	prepare(&r, state, false, ALL, LINK_UART);
	r.recorded = true;
	run_go(&r);
	points = r.points;
	for (unsigned at = 20; at < points; at += at < 260 ? 1 : 23) {
		struct open_upgrade open;

		prepare(&r, state, false, ALL, LINK_UART);
		r.recorded = true;
		run_power_on(&r);
		r.kill_at = at;
		run_program(&r);
		if (r.killed && run_unfinished(&r, &open)) {
			run_resume(&r, &open, 0);
			resumed++;
		}
		if (r.violations && r.result.outcome != OUTCOME_UNKNOWN)
			fail_msg("killed at %u of %u: %s\n%s\n%s", at, points, r.violation, r.notices, r.lines);
		run_power_off(&r);
	}
	assert_in_range(resumed, 20, points);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_stored_is_put_back),
		cmocka_unit_test(only_the_rate_is_stored_with_the_rate),
		cmocka_unit_test(a_setting_that_is_to_stay_stays),
		cmocka_unit_test(only_what_the_link_warrants_is_sent),
		cmocka_unit_test(flow_control_counts_when_the_module_has_said_so),
		cmocka_unit_test(what_would_be_stored_is_shown_first),
		cmocka_unit_test(what_is_stored_is_read_twice),
		cmocka_unit_test(a_setting_that_is_refused_is_none),
		cmocka_unit_test(what_is_not_put_back_is_said),
		cmocka_unit_test(a_stop_at_any_point_leaves_nothing_unsaid),
		cmocka_unit_test(a_killed_program_leaves_what_its_record_knows),
	};

	return cmocka_run_group_tests_name("settings", tests, files_make, files_remove);
}
