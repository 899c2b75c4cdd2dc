/*
 * replay_fixture.h - a record in a directory of its own, looked at through a
 * replay of it.
 */
#ifndef DFOTA_REPLAY_FIXTURE_H
#define DFOTA_REPLAY_FIXTURE_H

#include "record_fixture.h"
#include "ui/model/replay.h"
#include "ui/model/view.h"

/* -- the rig -- */

struct rig {
	struct view view;
	struct replay *replay;
};

static inline struct rig *look_at(struct record *r, int64_t now_ms)
{
	struct rig *rig = calloc(1, sizeof(*rig));

	assert_non_null(rig);
	assert_int_equal(view_init(&rig->view, &record_start(r)->plan), 0);
	rig->replay = replay_new(r, &rig->view, now_ms);
	assert_non_null(rig->replay);
	return rig;
}

static inline struct rig *look_at_text(struct place *p, const char *text)
{
	return look_at(open_text(p, text), 0);
}

static inline void look_away(struct rig *rig)
{
	replay_free(rig->replay);
	view_free(&rig->view);
	free(rig);
}

/* -- records -- */

#define LINE(dir, text, t) "{\"type\":\"line\",\"dir\":\"" dir "\",\"text\":\"" text "\",\"t\":" t "}\n"
#define URC(text, t) "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"" text "\",\"urc\":true,\"t\":" t "}\n"
#define ERROR(text, t) "{\"type\":\"line\",\"dir\":\"rx\",\"text\":\"" text "\",\"error\":true,\"t\":" t "}\n"
#define STEP(name, t) "{\"type\":\"step\",\"step\":\"" name "\",\"state\":\"begin\",\"cancel\":\"free\",\"t\":" t "}\n"
#define STEP_END(name, t) "{\"type\":\"step\",\"step\":\"" name "\",\"state\":\"end\",\"t\":" t "}\n"
#define STEP_ENDED(name, ended, t) "{\"type\":\"step\",\"step\":\"" name "\",\"state\":\"end\",\"ended\":\"" ended "\",\"t\":" t "}\n"
#define NOTICE(severity, text, t) "{\"type\":\"notice\",\"severity\":\"" severity "\",\"text\":\"" text "\",\"t\":" t "}\n"
#define RESULT(outcome, t) "{\"type\":\"result\",\"outcome\":\"" outcome "\",\"exit\":0,\"step\":\"verify\",\"phase\":\"verify\"," \
	"\"job\":\"upgrade\",\"from\":\"A\",\"to\":\"B\",\"now\":\"B\",\"code\":null,\"message\":\"m\",\"t\":" t "}\n"

/* Line by line: the number stands before it. */
static const char short_run[] __attribute__((unused)) =
	/* 0 */ "{\"type\":\"header\",\"format\":1,\"program\":\"dfota 0.1.0\",\"when\":\"2026-11-22T09:30:00Z\",\"job\":\"upgrade\","
		"\"port\":\"/dev/ttyACM3\",\"method\":\"push\",\"file\":\"d.bin\"}\n"
	/* 1 */ STEP("identify", "0.0")
	/* 2 */ LINE("tx", "AT+CGMR", "0.1")
	/* 3 */ LINE("rx", "UG96LNAR02A06E1G", "0.2")
	/* 4 */ STEP_END("identify", "0.3")
	/* 5 */ STEP("check", "0.3")
	/* 6 */ ERROR("+CME ERROR: 3", "1.0")
	/* 7 */ STEP("transfer", "2.0")
	/* 8 */ LINE("rx", "CONNECT", "2.0")
	/* 9 */ URC("+QIND: START", "2.5")
	/* 10 */ STEP("install", "32.5")
	/* 11 */ URC("+QIND: UPDATING,50", "33.0")
	/* 12 */ NOTICE("warning", "it is slow to start", "34.0")
	/* 13 */ URC("+QIND: END,0", "100.0")
	/* 14 */ RESULT("success", "100.5");

static inline void set_speed(struct rig *r, int speed)
{
	int tries = 8;

	while (r->view.replay.speed > speed && tries--)
		replay_speed(r->replay, true);
	while (r->view.replay.speed < speed && tries--)
		replay_speed(r->replay, false);
	assert_int_equal(r->view.replay.speed, speed);
}

/* The last COUNT lines shown, each with its sign. */
static inline void assert_last(const struct rig *r, uint64_t count, const char *want)
{
	const struct log *log = r->view.log;
	uint64_t end = log_shown_end(log), first = log_shown_first(log);
	struct log_line line;
	char got[512] = "";

	for (first = end - first > count ? end - count : first; first < end; first++) {
		assert_true(log_get(log, log_shown(log, first), &line));
		snprintf(got + strlen(got), sizeof(got) - strlen(got), "%c%s|", "><-!"[line.kind], line.text);
	}
	if (strcmp(got, want) != 0)
		fail_msg("the log shows %s, not %s", got, want);
}

static inline void assert_shown(const struct rig *r, const char *want)
{
	assert_last(r, UINT64_MAX, want);
}

#endif
