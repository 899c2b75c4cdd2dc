/* The upgrade and the servers: looking before a pull, relay, publish. */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "upgrade_fixture.h"
#include "words.h"

/* What the server says before the module is sent there. */
static void a_pull_looks_at_the_server_first(void **state)
{
	static const struct {
		const char *url;
		enum err_code stop;	/* ERR_NONE: it goes on to success */
		const char *says;
	} rows[] = {
		{"http://192.0.2.7/missing", ERR_NETWORK, "404"},
		{"http://192.0.2.7/page", ERR_PACKAGE, "web page"},
		{"http://192.0.2.7/titled-page", ERR_PACKAGE, "a web page (HTML), with the title \"Portal\","},
		{"http://192.0.2.7/longer", ERR_PACKAGE, "20,004 bytes, the manifest says 20,003"},
		{"http://192.0.2.7/moved", ERR_NETWORK, "http://192.0.2.8/elsewhere"},
		{"http://192.0.2.7/unreachable", ERR_NONE, "could not be asked from here"},
		{"http://192.0.2.7/vacant", ERR_NONE, "no content at this address (HTTP 204); it may refuse the module as well"},
		{"http://192.0.2.7/private", ERR_NONE, "address of a private network"},
		{"http://192.0.2.7/sizeless", ERR_NONE, "does not report its size"},
	};
	struct run r;
	char next[256];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		run_init(&r, state);
		run_pull(&r, rows[i].url);
		run_go(&r);
		if (rows[i].stop == ERR_NONE) {
			run_expect(&r, OUTCOME_SUCCESS);
			assert_non_null(strstr(r.notices, rows[i].says));
		} else {
			run_expect_stop(&r, rows[i].stop);
			assert_non_null(strstr(message_words(&r.result.what), rows[i].says));
		}
		/* there is no file yet that could be saved otherwise */
		if (strstr(rows[i].url, "page"))
			assert_non_null(strstr(message_next(&r.result.what, FOR_CONSOLE, next, sizeof(next)), "the address of the file itself"));
	}
}

static void verifying_the_source_needs_the_right_digest(void **state)
{
	struct run r;

	run_init(&r, state);
	run_pull(&r, "http://192.0.2.7/fine");
	r.plan.verify_source = true;
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
	assert_non_null(strstr(r.notices, "proves the server"));
	run_init(&r, state);
	run_pull(&r, "http://192.0.2.7/altered");
	r.plan.verify_source = true;
	run_go(&r);
	run_expect_stop(&r, ERR_PACKAGE);
}

static void a_relay_downloads_and_pushes(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.plan.file[0] = '\0';
	r.plan.route = ROUTE_RELAY;
	snprintf(r.plan.url, sizeof(r.plan.url), "https://192.0.2.7/delta.bin?x=1");
	snprintf(r.plan.manifest, sizeof(r.plan.manifest), "%s", r.files->manifest);
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
	assert_true(r.steps[STEP_FETCH]);
	assert_int_equal(r.qfotadl, 1);
}

static void a_relay_that_fails_to_download_touches_nothing(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.plan.file[0] = '\0';
	r.plan.route = ROUTE_RELAY;
	snprintf(r.plan.url, sizeof(r.plan.url), "https://192.0.2.7/broken");
	snprintf(r.plan.manifest, sizeof(r.plan.manifest), "%s", r.files->manifest);
	run_go(&r);
	run_expect_stop(&r, ERR_NETWORK);
	assert_int_equal(r.result.step, STEP_FETCH);
}

static void a_cancel_while_fetching_leaves(void **state)
{
	struct run r;

	run_init(&r, state);
	run_push(&r);
	r.plan.route = ROUTE_RELAY;
	snprintf(r.plan.url, sizeof(r.plan.url), "https://192.0.2.7/fine");
	snprintf(r.plan.manifest, sizeof(r.plan.manifest), "%s", r.files->manifest);
	r.cancel_at = STEP_FETCH;
	r.cancel_with = REQUEST_CANCEL;
	run_go(&r);
	run_expect_stop(&r, ERR_CANCELLED);
}

static void publish_to(struct run *r, const char *url)
{
	run_push(r);
	run_pull(r, url);
	r->plan.url[0] = r->plan.manifest[0] = '\0';
	r->plan.route = ROUTE_PUBLISH;
	snprintf(r->plan.publish, sizeof(r->plan.publish), "%s", url);
}

static void a_publish_puts_the_file_up_and_pulls_it(void **state)
{
	struct run r;

	run_init(&r, state);
	publish_to(&r, "http://192.0.2.7/up");
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
	assert_true(r.steps[STEP_FETCH]);
	assert_non_null(strstr(r.lines, "HTTPSTART"));
}

static void a_publish_never_replaces_another_file_unasked(void **state)
{
	struct run r;

	run_init(&r, state);
	publish_to(&r, "http://192.0.2.7/occupied");
	run_go(&r);
	run_expect_stop(&r, ERR_NETWORK);
	assert_non_null(strstr(r.result.advice, "--overwrite"));
	run_init(&r, state);
	publish_to(&r, "http://192.0.2.7/occupied");
	r.plan.overwrite = true;
	run_go(&r);
	run_expect(&r, OUTCOME_SUCCESS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pull_looks_at_the_server_first),
		cmocka_unit_test(verifying_the_source_needs_the_right_digest),
		cmocka_unit_test(a_relay_downloads_and_pushes),
		cmocka_unit_test(a_relay_that_fails_to_download_touches_nothing),
		cmocka_unit_test(a_cancel_while_fetching_leaves),
		cmocka_unit_test(a_publish_puts_the_file_up_and_pulls_it),
		cmocka_unit_test(a_publish_never_replaces_another_file_unasked),
	};

	return cmocka_run_group_tests(tests, files_make, files_remove);
}
