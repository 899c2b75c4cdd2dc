/*
 * A run that is diagnosed while it goes on, and its record afterwards: the same
 * causes and next steps, for everything that a simulated module does wrong.
 */
#include "config.h"

#include <glob.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "upgrade_fixture.h"

#include "diagnosis/of_record.h"

/* A diagnosis that is fed what the front end gets. */
struct watcher {
	struct diagnosis *d;
	uint64_t count;
};

static void take(struct run *r, const struct event *ev)
{
	struct watcher *w = r->watcher;

	diagnosis_take(w->d, w->count++, ev);
}

static void start(struct run *r, struct watcher *w)
{
	struct event ev = { .type = EVENT_START };

	*w = (struct watcher){ .d = diagnosis_new() };
	assert_non_null(w->d);
	r->recorded = true;
	r->watch = take;
	r->watcher = w;
	ev.start.plan = r->plan;
	take(r, &ev);
}

static void print_findings(const char *which, const struct finding *f, size_t count)
{
	for (size_t i = 0; i < count; i++)
		print_error("%s: %d %s: %s %s\n", which, f[i].certainty, f[i].rule, f[i].cause, f[i].next);
}

static void expect_alike(const char *name, const char *which, const struct finding *a, size_t count,
			 const struct finding *b, size_t other)
{
	for (size_t i = 0; i < count || i < other; i++) {
		if (i < count && i < other && a[i].certainty == b[i].certainty && strcmp(a[i].rule, b[i].rule) == 0 &&
		    strcmp(a[i].cause, b[i].cause) == 0 && strcmp(a[i].next, b[i].next) == 0)
			continue;
		print_findings("live", a, count);
		print_findings(which, b, other);
		fail_msg("%s: finding %zu differs", name, i + 1);
	}
}

static size_t diagnose_file(const char *path, struct finding *out)
{
	struct err e;
	struct record *record = record_open(path, &e);
	size_t count;

	assert_non_null(record);
	count = diagnosis_of_record(record, FOR_CONSOLE, out, FINDINGS_MAX);
	record_free(record);
	return count;
}

/* Where there is an id its words become "x", and so do cause and advice. */
static void forget_words(json_t *o)
{
	static const char *const words[] = { "text", "message", "cause", "advice" };
	const char *key;
	json_t *value;
	size_t i;

	if (json_is_array(o)) {
		json_array_foreach(o, i, value)
			forget_words(value);
		return;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]) && json_is_string(json_object_get(o, "id")); i++)
		if (json_is_string(json_object_get(o, words[i])))
			assert_int_equal(json_object_set_new(o, words[i], json_string("x")), 0);
	json_object_foreach(o, key, value)
		forget_words(value);
}

static void forget_words_of(const char *path)
{
	FILE *from = fopen(path, "r"), *to;
	char *line = NULL;
	size_t size = 0;

	assert_non_null(from);
	assert_int_equal(unlink(path), 0);
	to = fopen(path, "w");
	assert_non_null(to);
	while (getline(&line, &size, from) > 0) {
		json_t *o = json_loads(line, JSON_ALLOW_NUL, NULL);

		assert_non_null(o);
		forget_words(o);
		assert_int_equal(json_dumpf(o, to, JSON_COMPACT), 0);
		fputc('\n', to);
		json_decref(o);
	}
	free(line);
	fclose(from);
	assert_int_equal(fclose(to), 0);
}

/* The same, live and out of the record, with its sentences and without them;
 * the result says what the first of them says. */
static void expect_the_same(struct run *r, const char *name)
{
	struct finding live[FINDINGS_MAX], recorded[FINDINGS_MAX];
	struct diagnosis *d = ((struct watcher *)r->watcher)->d;
	const struct result *result = &r->result;
	size_t count = diagnosis_findings(d, FOR_CONSOLE, live, FINDINGS_MAX);

	expect_alike(name, "record", live, count, recorded, diagnose_file(r->files->record, recorded));
	if (result->outcome == OUTCOME_SUCCESS || result->outcome == OUTCOME_READY)
		assert_string_equal(result->cause, "");
	else if (!count || strcmp(result->cause, live[0].cause) != 0 || strcmp(result->advice, live[0].next) != 0)
		fail_msg("%s: the result says \"%s\" and \"%s\"", name, result->cause, result->advice);
	forget_words_of(r->files->record);
	expect_alike(name, "without words", live, count, recorded, diagnose_file(r->files->record, recorded));
}

static void run_and_compare(struct run *r, const char *name)
{
	struct watcher w;

	start(r, &w);
	run_power_on(r);
	run_program(r);
	expect_the_same(r, name);
	run_power_off(r);
	diagnosis_free(w.d);
}

/* --- all that a module can do wrong --- */

static void load(char *text, size_t size, const char *path)
{
	FILE *f = fopen(path, "rb");
	size_t used = (size_t)snprintf(text, size, "set chunk 12\n");

	assert_non_null(f);
	used += fread(text + used, 1, size - used, f);
	assert_in_range(used, 1, size - 1);
	fclose(f);
	text[used] = '\0';
}

static void every_scenario_is_diagnosed_alike(void **state)
{
	const char *srcdir = getenv("srcdir");
	char pattern[512], text[16384];
	glob_t files;

	snprintf(pattern, sizeof(pattern), "%s/tests/scenarios/*.at", srcdir ? srcdir : ".");
	assert_int_equal(glob(pattern, 0, NULL, &files), 0);
	assert_in_range(files.gl_pathc, 50, SIZE_MAX);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		for (int pull = 0; pull < 2; pull++) {
			struct run r;

			run_init(&r, state);
			if (pull)
				run_pull_with_login(&r);
			else
				run_push(&r);
			load(text, sizeof(text), files.gl_pathv[i]);
			r.config.sim.scenario_text = text;
			run_and_compare(&r, files.gl_pathv[i]);
		}
	}
	globfree(&files);
}

/* --- what this computer, its servers and people do --- */

static void what_stops_it_before_the_start_is_diagnosed_alike(void **state)
{
	static const char *const urls[] = {
		"http://192.0.2.7/unreachable", "http://192.0.2.7/missing", "http://192.0.2.7/page",
		"http://192.0.2.7/longer", "http://192.0.2.7/private", "http://192.0.2.7/moved",
	};

	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct run r;

		run_init(&r, state);
		run_pull(&r, urls[i]);
		run_and_compare(&r, urls[i]);
	}
	for (int i = 0; i < 2; i++) {
		struct run r;

		run_init(&r, state);
		run_push(&r);
		snprintf(r.plan.file, sizeof(r.plan.file), "%s", i ? "/nowhere/ModemManager.bin" : r.files->other);
		if (!i)
			snprintf(r.plan.manifest, sizeof(r.plan.manifest), "%s", r.files->manifest);
		run_and_compare(&r, r.plan.file);
	}
}

/* What a file is called is no evidence of a program. */
static void a_missing_file_called_modem_manager_is_a_missing_file(void **state)
{
	static const char *const names[] = { "/nowhere/ModemManager.bin", "/nowhere/is held by ModemManager (612)" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		struct run r;

		run_init(&r, state);
		run_push(&r);
		snprintf(r.plan.file, sizeof(r.plan.file), "%s", names[i]);
		run_go(&r);
		assert_int_equal(r.result.stop, ERR_PACKAGE);
		assert_null(strstr(r.result.cause, "uses the module's port"));
		assert_null(strstr(r.result.advice, "systemctl"));
		assert_non_null(strstr(r.result.cause, names[i]));
	}
}

static void what_people_do_is_diagnosed_alike(void **state)
{
	static const struct {
		enum step step;
		enum request_type type;
		bool pull;
	} cases[] = {
		{ STEP_CHECK, REQUEST_CANCEL, false }, { STEP_TRANSFER, REQUEST_CANCEL, false },
		{ STEP_TRANSFER, REQUEST_CANCEL, true }, { STEP_INSTALL, REQUEST_DETACH, true },
		{ STEP_TRANSFER, REQUEST_LOST, true }, { STEP_RESTART, REQUEST_DETACH, false },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct run r;

		run_init(&r, state);
		if (cases[i].pull)
			run_pull(&r, HTTP_URL);
		else
			run_push(&r);
		r.cancel_at = cases[i].step;
		r.cancel_with = cases[i].type;
		run_and_compare(&r, step_info(cases[i].step)->name);
	}
}

/* A program that resumes begins with the record that it continues. */
static void a_resumed_upgrade_is_diagnosed_alike(void **state)
{
	struct event ev = { .type = EVENT_RESUMED };
	struct open_upgrade open;
	struct record *record;
	struct watcher w;
	struct run r;
	struct err e;

	run_init(&r, state);
	run_pull(&r, HTTP_URL);
	r.cancel_at = STEP_INSTALL;
	r.cancel_with = REQUEST_DETACH;
	start(&r, &w);
	run_power_on(&r);
	run_program(&r);
	assert_true(run_unfinished(&r, &open));
	diagnosis_free(w.d);
	w.d = diagnosis_new();
	record = record_open(r.files->record, &e);
	assert_non_null(record);
	diagnosis_read(w.d, record);
	w.count = record_count(record);
	record_free(record);
	take(&r, &ev);
	r.cancel_at = STEP_COUNT;
	run_resume(&r, &open, 0);
	expect_the_same(&r, "resumed");
	run_power_off(&r);
	diagnosis_free(w.d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_scenario_is_diagnosed_alike),
		cmocka_unit_test(what_stops_it_before_the_start_is_diagnosed_alike),
		cmocka_unit_test(a_missing_file_called_modem_manager_is_a_missing_file),
		cmocka_unit_test(what_people_do_is_diagnosed_alike),
		cmocka_unit_test(a_resumed_upgrade_is_diagnosed_alike),
	};

	return cmocka_run_group_tests_name("diagnose_live", tests, files_make, files_remove);
}
