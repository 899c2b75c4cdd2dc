/*
 * Every family by every way it has: an upgrade, one that fails, a power cut. The
 * ways are those of its profile, the modules the personalities of the simulator,
 * what goes wrong stands in tests/scenarios/families: a profile without one of
 * these fails here.
 */
#include "config.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upgrade_fixture.h"

#include "base/count.h"
#include "protocol/codes.h"
#include "protocol/profile.h"
#include "sim/personality.h"
#include "words.h"

#define HTTPS_URL "https://192.0.2.7/ug96-06-08.bin"

static const char *const deeds[] = {"", "failure", "power-cut"};

static const struct way {
	const char *name;
	enum route route;
	const char *url;
} ways[] = {
	{"http", ROUTE_DOWNLOAD, HTTP_URL},
	{"https", ROUTE_DOWNLOAD, HTTPS_URL},
	{"ftp", ROUTE_DOWNLOAD, FTP_URL},
	{"file", ROUTE_SERIAL, NULL},
	{"relay", ROUTE_RELAY, HTTPS_URL},
	{"publish", ROUTE_PUBLISH, HTTP_URL},
};

static bool has_way(const struct profile *p, const struct way *w)
{
	if (w->route == ROUTE_SERIAL || w->route == ROUTE_RELAY)
		return p->serial != SERIAL_NONE;
	if (strncmp(w->url, "https", 5) == 0)
		return p->url.https;
	return strncmp(w->url, "ftp", 3) != 0 || !p->url.no_ftp;
}

static const struct personality *personality_of(const char *name)
{
	const struct personality *row;

	for (size_t i = 0; (row = sim_personality(i)); i++)
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

/* --- the rule --- */

/* Codes are of a family; its power is cut as that of any. */
static char *scenario_name(char out[64], const char *family, const char *deed)
{
	if (strcmp(deed, "power-cut") == 0)
		snprintf(out, 64, "%s.at", deed);
	else
		snprintf(out, 64, "%s-%s.at", family, deed);
	return out;
}

/* Its text, or "" for no deed. */
static void load_scenario(char *text, size_t size, const char *family, const char *deed)
{
	const char *srcdir = getenv("srcdir");
	char path[640], name[64];
	size_t used;
	FILE *f;

	text[0] = '\0';
	if (!deed[0])
		return;
	snprintf(path, sizeof(path), "%s/tests/scenarios/families/%s", srcdir ? srcdir : ".", scenario_name(name, family, deed));
	f = fopen(path, "rb");
	if (!f)
		fail_msg("%s: no scenario %s", family, path);
	used = fread(text, 1, size, f);
	assert_in_range(used, 1, size - 1);
	assert_int_equal(fclose(f), 0);
	text[used] = '\0';
}

static void a_family_has_source_simulator_and_scenarios(void **state)
{
	const struct profile *p;
	char text[4096];

	(void)state;
	for (size_t i = 0; (p = profile_row(i)); i++) {
		if (!p->source || !p->source[0])
			fail_msg("%s: no source", p->name);
		if (!personality_of(p->name))
			fail_msg("%s: no personality in src/sim/personality.c", p->name);
		load_scenario(text, sizeof(text), p->name, "failure");
		assert_non_null(strstr(text, p->name));
	}
}

static void a_personality_and_a_scenario_are_of_a_family(void **state)
{
	const char *srcdir = getenv("srcdir");
	const struct personality *row;
	struct dirent *entry;
	char path[512];
	DIR *d;

	(void)state;
	for (size_t i = 0; (row = sim_personality(i)); i++)
		if (!profile_by_name(row->name))
			fail_msg("personality %s: no such profile", row->name);
	snprintf(path, sizeof(path), "%s/tests/scenarios/families", srcdir ? srcdir : ".");
	d = opendir(path);
	assert_non_null(d);
	while ((entry = readdir(d))) {
		const struct profile *p;
		bool known = entry->d_name[0] == '.';
		char name[64];

		for (size_t i = 0; (p = profile_row(i)); i++)
			for (size_t k = 1; k < COUNT(deeds); k++)
				known |= strcmp(scenario_name(name, p->name, deeds[k]), entry->d_name) == 0;
		if (!known)
			fail_msg("%s is of no family", entry->d_name);
	}
	closedir(d);
}

/* --- the ways --- */

static void prepare(struct run *r, const struct profile *p, const struct way *w)
{
	if (w->route == ROUTE_SERIAL || w->route == ROUTE_PUBLISH)
		run_push(r);
	if (w->url)
		run_pull(r, w->url);
	r->plan.route = w->route;
	if (w->route == ROUTE_PUBLISH) {
		r->plan.url[0] = '\0';
		snprintf(r->plan.publish, sizeof(r->plan.publish), "%s", w->url);
	}
	run_family(r, p->name);
	r->config.link = p->usb->vid ? LINK_OWN_USB : LINK_UART;
}

struct trial {
	void *files;
	const struct profile *profile;
	const struct way *way;
	const char *deed;
	char name[80];
};

static void expect_failure(const struct run *r, const struct profile *p)
{
	const struct code *code = &r->result.code;

	run_expect(r, OUTCOME_UNCHANGED);
	assert_true(code->present);
	assert_string_equal(code->table, "end");
	assert_string_equal(codes_find("end", code->number, p->end_family)->family, p->end_family);
	assert_true(code->meaning[0]);
}

static void run_trial(void **state)
{
	const struct trial *trial = *state;
	void *files = trial->files;
	char text[4096];
	struct run r;

	run_init(&r, &files);
	prepare(&r, trial->profile, trial->way);
	load_scenario(text, sizeof(text), trial->profile->name, trial->deed);
	r.config.sim.scenario_text = text;
	run_go(&r);
	if (strcmp(trial->deed, "failure") == 0)
		expect_failure(&r, trial->profile);
	else
		run_expect(&r, OUTCOME_SUCCESS);
	run_expect_truth(&r);
	assert_int_equal(r.qfotadl, 1);
	assert_string_equal(r.identity.profile, trial->profile->name);
	/* nothing of ours stays in the module */
	assert_int_equal(r.files_left, 0);
}

/* What a family is not known to do is refused in words, before anything is sent. */
static void a_way_that_a_family_has_not_is_refused(void **state)
{
	const struct profile *p;

	for (size_t i = 0; (p = profile_row(i)); i++)
		for (size_t w = 0; w < COUNT(ways); w++) {
			struct run r;

			if (has_way(p, &ways[w]))
				continue;
			run_init(&r, state);
			prepare(&r, p, &ways[w]);
			run_go(&r);
			run_expect(&r, OUTCOME_STOPPED);
			assert_int_equal(r.qfotadl, 0);
			assert_true(r.result.advice[0]);
			assert_true(r.steps[STEP_IDENTIFY]);
			assert_false(r.steps[STEP_CHECK]);
		}
}

#define MOST 512

static size_t add_trials(struct CMUnitTest *tests, struct trial *trials, void *files)
{
	const struct profile *p;
	size_t count = 0;

	for (size_t i = 0; (p = profile_row(i)); i++)
		for (size_t w = 0; w < COUNT(ways); w++)
			for (size_t d = 0; has_way(p, &ways[w]) && d < COUNT(deeds); d++) {
				struct trial *trial = &trials[count];

				assert_in_range(count, 0, MOST - 1);
				*trial = (struct trial){.files = files, .profile = p, .way = &ways[w], .deed = deeds[d]};
				snprintf(trial->name, sizeof(trial->name), "%s by %s, %s", p->name, ways[w].name,
					 deeds[d][0] ? deeds[d] : "upgrade");
				tests[count++] = (struct CMUnitTest){
					.name = trial->name, .test_func = run_trial, .initial_state = trial,
				};
			}
	return count;
}

int main(void)
{
	static struct CMUnitTest tests[MOST + 3] = {
		cmocka_unit_test(a_family_has_source_simulator_and_scenarios),
		cmocka_unit_test(a_personality_and_a_scenario_are_of_a_family),
	};
	static struct trial trials[MOST];
	size_t count;
	void *files;
	int failed;

	files_make(&files);
	tests[2] = (struct CMUnitTest){
		.name = "a_way_that_a_family_has_not_is_refused",
		.test_func = a_way_that_a_family_has_not_is_refused, .initial_state = files,
	};
	count = add_trials(tests + 3, trials, files);
	/* how many there are is known only now: the macro wants an array */
	failed = _cmocka_run_group_tests("families", tests, count + 3, NULL, NULL);
	files_remove(&files);
	return failed;
}
