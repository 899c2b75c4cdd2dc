/* What would stop an upgrade is known before it is started: which field, and why. */
#include "config.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "package/package.h"
#include "upgrade/foresee.h"
#include "upgrade_fixture.h"
#include "words.h"

/* -- a server: what stands at a URL -- */

static bool hung_up;	/* the test asks for something else meanwhile */
static unsigned asked;	/* how often a server was asked */
static const char *manifest_there;	/* the file that is served beside a package; NULL: none */

static int probe(const char *url, const struct server_access *access, struct server_facts *facts,
		 const struct server_watch *watch, struct server_status *status, struct err *e)
{
	(void)access;
	(void)watch;
	asked++;
	memset(facts, 0, sizeof(*facts));
	memset(status, 0, sizeof(*status));
	if (hung_up)
		return err_fail(e, MSG_CANCELLED, "");
	if (strstr(url, "missing")) {
		*status = (struct server_status){404, SERVER_NOT_FOUND};
		return err_fail(e, MSG_HTTP_NOT_FOUND, "host=%s reply=%d wait=%d", "192.0.2.7", 404, 0);
	}
	if (strstr(url, "locked")) {
		*status = (struct server_status){530, SERVER_LOGIN};
		return err_fail(e, MSG_FTP_LOGIN, "host=%s reply=%d", "192.0.2.7", 530);
	}
	if (strstr(url, "away")) {
		status->kind = SERVER_CONNECT;
		return err_fail_sys(e, MSG_CONNECT_FAILED, 111, "host=%s", "192.0.2.7");
	}
	facts->has_size = true;
	facts->size = PACKAGE_SIZE;
	return 0;
}

static int download(const char *url, const struct server_access *access, const char *path, uint64_t max_size,
		    uint64_t size, const char *sha256, const struct server_watch *watch,
		    struct server_status *status, struct err *e)
{
	struct manifest m;

	(void)access;
	(void)max_size;
	(void)size;
	(void)sha256;
	(void)watch;
	(void)status;
	assert_non_null(strstr(url, ".manifest"));
	if (!manifest_there)
		return err_fail(e, MSG_HTTP_NOT_FOUND, "host=%s reply=%d wait=%d", "192.0.2.7", 404, 0);
	return manifest_read(manifest_there, &m, e) < 0 ? -1 : manifest_write(path, &m, e);
}

static const struct server_calls servers = {.probe = probe, .download = download};

/* -- looking -- */

struct seen {
	struct outlook last;
	unsigned count;
	bool first_asking;
};

static void take(void *ctx, const struct outlook *outlook)
{
	struct seen *s = ctx;

	if (!s->count++)
		s->first_asking = outlook->asking;
	s->last = *outlook;
}

static bool look(const struct plan *plan, const char *version, struct seen *s)
{
	struct upgrade_env env = {.servers = &servers};
	struct identity module = {.model = ""};
	struct sim_port_config config = {.sim = {.from = FROM, .to = TO, .fast = true}};
	struct sim_port *sp;
	struct err e = {0};
	bool done;

	memset(s, 0, sizeof(*s));
	sp = sim_port_new(&config, &e);
	assert_non_null(sp);
	env.clock = sim_port_clock(sp);
	env.port = NULL;
	if (version) {
		snprintf(module.model, sizeof(module.model), "%.4s", version);
		snprintf(module.version, sizeof(module.version), "%s", version);
		snprintf(module.profile, sizeof(module.profile), "ugxx");
	}
	done = upgrade_foresee(&env, plan, &module, take, s);
	sim_port_free(sp);
	return done;
}

static void expect(const struct seen *s, enum plan_field field, const char *says)
{
	char words[TEXT_SIZE];

	message_text(&s->last.problem, FOR_SCREEN, words, sizeof(words));
	if (s->last.field != field || (says && !strstr(words, says)))
		fail_msg("field %d: %s", s->last.field, words);
	assert_false(s->last.asking);
}

static struct plan file_plan(const struct files *f)
{
	struct plan plan = {.job = JOB_UPGRADE, .route = ROUTE_SERIAL};

	snprintf(plan.file, sizeof(plan.file), "%s", f->package);
	return plan;
}

static struct plan url_plan(const char *url)
{
	struct plan plan = {.job = JOB_UPGRADE, .route = ROUTE_DOWNLOAD};

	snprintf(plan.url, sizeof(plan.url), "%s", url);
	return plan;
}

/* -- files -- */

static void a_file_with_its_manifest_fills_the_target(void **state)
{
	const struct files *f = *state;
	struct plan plan = file_plan(f);
	struct seen s;

	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_NOTHING, NULL);
	assert_string_equal(s.last.package.to, TO);
	assert_string_equal(s.last.package.from, FROM);
	assert_int_equal(s.last.package.size, PACKAGE_SIZE);
	assert_int_equal(strlen(s.last.package.sha256), 64);
	assert_string_equal(s.last.manifest, f->manifest);
	assert_false(s.last.fetched);
}

static void write_file(const char *path, const char *bytes)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(bytes, f);
	fclose(f);
}

static void what_a_file_cannot_be_is_known_and_which_field_it_is(void **state)
{
	const struct files *f = *state;
	char page[160];
	struct plan plan = file_plan(f);
	struct seen s;

	snprintf(plan.file, sizeof(plan.file), "%s/nothing-there", f->directory);
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_FILE, "nothing-there");
	snprintf(plan.file, sizeof(plan.file), "%s", f->directory);
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_FILE, NULL);
	snprintf(page, sizeof(page), "%s/page.bin", f->directory);
	write_file(page, "<!DOCTYPE html><html><head><title>Sign in</title></head><body></body></html>\n");
	snprintf(plan.file, sizeof(plan.file), "%s", page);
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_FILE, "page");
	unlink(page);
}

static void a_manifest_of_another_file_is_the_manifest_s_fault(void **state)
{
	const struct files *f = *state;
	struct plan plan = file_plan(f);
	struct seen s;

	snprintf(plan.file, sizeof(plan.file), "%s", f->other);
	snprintf(plan.manifest, sizeof(plan.manifest), "%s", f->manifest);
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_MANIFEST, NULL);
	snprintf(plan.manifest, sizeof(plan.manifest), "%s", f->package);
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_MANIFEST, NULL);
	snprintf(plan.manifest, sizeof(plan.manifest), "%s/not-there", f->directory);
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_MANIFEST, "not-there");
}

static void a_target_is_held_against_manifest_and_module(void **state)
{
	const struct files *f = *state;
	struct plan plan = file_plan(f);
	struct seen s;

	snprintf(plan.file, sizeof(plan.file), "%s", f->other);
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_TARGET, NULL);
	assert_int_equal(s.last.problem.id, MSG_TARGET_MISSING);
	snprintf(plan.target, sizeof(plan.target), "UG96 LNA");
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_TARGET, NULL);
	plan = file_plan(f);
	snprintf(plan.target, sizeof(plan.target), "UG96LNAR02A09E1G");
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_TARGET, TO);
	plan.target[0] = '\0';
	assert_true(look(&plan, "UG96LNAR02A05E1G", &s));
	expect(&s, PLAN_MANIFEST, "UG96LNAR02A05E1G");
	assert_true(look(&plan, "UG95LNAR02A06E1G", &s));
	expect(&s, PLAN_MANIFEST, "UG95");
	assert_true(look(&plan, TO, &s));
	expect(&s, PLAN_MANIFEST, TO);
	assert_true(look(&plan, FROM, &s));
	expect(&s, PLAN_NOTHING, NULL);
}

/* -- URLs -- */

static void a_url_the_module_cannot_take_is_known_before_any_server_is_asked(void **state)
{
	static const struct {
		const char *url, *user;
		enum plan_field field;
	} rows[] = {
		{"https://192.0.2.7/d.bin", "", PLAN_URL},
		{"http://192.0.2.7/a b.bin", "", PLAN_URL},
		{"http://192.0.2.7/", "", PLAN_URL},
		{"http://192.0.2.7/d\".bin", "", PLAN_URL},
		{"gopher://192.0.2.7/d.bin", "", PLAN_URL},
		{"http://192.0.2.7/d.bin", "field", PLAN_LOGIN},
	};
	struct seen s;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plan plan = url_plan(rows[i].url);

		snprintf(plan.user, sizeof(plan.user), "%s", rows[i].user);
		snprintf(plan.target, sizeof(plan.target), "%s", TO);
		asked = 0;
		assert_true(look(&plan, NULL, &s));
		expect(&s, rows[i].field, NULL);
		assert_int_equal(asked, 0);
	}
}

static void what_a_server_says_is_known(void **state)
{
	struct plan plan = url_plan("http://192.0.2.7/missing.bin");
	struct seen s;

	(void)state;
	snprintf(plan.target, sizeof(plan.target), "%s", TO);
	assert_true(look(&plan, NULL, &s));
	assert_int_equal(s.count, 2);
	assert_true(s.first_asking);
	expect(&s, PLAN_URL, "404");
	plan = url_plan("ftp://192.0.2.7/locked.bin");
	snprintf(plan.target, sizeof(plan.target), "%s", TO);
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_LOGIN, NULL);
	plan = url_plan("http://192.0.2.7/away.bin");
	snprintf(plan.target, sizeof(plan.target), "%s", TO);
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_NOTHING, NULL);		/* the module has another network */
	assert_int_not_equal(s.last.doubt.id, MSG_NONE);
	plan = url_plan("http://192.0.2.7/there.bin");
	snprintf(plan.target, sizeof(plan.target), "%s", TO);
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_NOTHING, NULL);
	assert_int_equal(s.last.package.size, PACKAGE_SIZE);
}

static void a_manifest_beside_the_url_is_fetched_and_fills_the_target(void **state)
{
	static const char *const urls[] = {
		"http://192.0.2.7/ug96.bin", "ftp://192.0.2.7/dir/ug96.bin", "http://192.0.2.7/ug96.bin?v=2",
	};
	const struct files *f = *state;
	struct manifest m;
	struct seen s;
	struct err e;

	manifest_there = f->manifest;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct plan plan = url_plan(urls[i]);

		assert_true(look(&plan, FROM, &s));
		expect(&s, PLAN_NOTHING, NULL);
		assert_string_equal(s.last.package.to, TO);
		assert_true(s.last.fetched);
		assert_int_equal(manifest_read(s.last.manifest, &m, &e), 0);
		/* for another module it says so */
		assert_true(look(&plan, "UG96LNAR02A05E1G", &s));
		expect(&s, PLAN_MANIFEST, "UG96LNAR02A05E1G");
	}
	manifest_there = NULL;
}

static void without_a_manifest_beside_it_the_target_is_asked_for(void **state)
{
	struct plan plan = url_plan("http://192.0.2.7/there.bin");
	struct seen s;

	(void)state;
	assert_true(look(&plan, NULL, &s));
	expect(&s, PLAN_TARGET, NULL);
	assert_int_equal(s.last.problem.id, MSG_TARGET_MISSING);
	assert_true(s.first_asking);
}

static void a_login_without_its_password_is_not_tried(void **state)
{
	struct plan plan = url_plan("ftp://192.0.2.7/d.bin");
	struct seen s;

	(void)state;
	snprintf(plan.user, sizeof(plan.user), "field");
	snprintf(plan.target, sizeof(plan.target), "%s", TO);
	asked = 0;
	assert_true(look(&plan, NULL, &s));
	assert_int_equal(asked, 0);
	expect(&s, PLAN_NOTHING, NULL);
	snprintf(plan.password, sizeof(plan.password), "s3cret");
	assert_true(look(&plan, NULL, &s));
	assert_int_equal(asked, 1);
}

static void what_is_asked_meanwhile_ends_it(void **state)
{
	struct plan plan = url_plan("http://192.0.2.7/d.bin");
	struct seen s;

	(void)state;
	hung_up = true;
	assert_false(look(&plan, NULL, &s));
	assert_int_equal(s.count, 1);
	hung_up = false;
}

static int make(void **state)
{
	const struct files *f;

	if (files_make(state))
		return -1;
	f = *state;
	return setenv("XDG_STATE_HOME", f->directory, 1);
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *at)
{
	(void)st;
	(void)flag;
	(void)at;
	return remove(path);
}

/* With the manifests that were kept. */
static int tidy(void **state)
{
	const struct files *f = *state;
	char kept[96];

	snprintf(kept, sizeof(kept), "%s/dfota", f->directory);
	nftw(kept, remove_one, 8, FTW_DEPTH | FTW_PHYS);
	return files_remove(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_with_its_manifest_fills_the_target),
		cmocka_unit_test(what_a_file_cannot_be_is_known_and_which_field_it_is),
		cmocka_unit_test(a_manifest_of_another_file_is_the_manifest_s_fault),
		cmocka_unit_test(a_target_is_held_against_manifest_and_module),
		cmocka_unit_test(a_url_the_module_cannot_take_is_known_before_any_server_is_asked),
		cmocka_unit_test(what_a_server_says_is_known),
		cmocka_unit_test(a_manifest_beside_the_url_is_fetched_and_fills_the_target),
		cmocka_unit_test(without_a_manifest_beside_it_the_target_is_asked_for),
		cmocka_unit_test(a_login_without_its_password_is_not_tried),
		cmocka_unit_test(what_is_asked_meanwhile_ends_it),
	};

	return cmocka_run_group_tests(tests, make, tidy);
}
