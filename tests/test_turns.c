/*
 * Whose turn it is, where several modules are upgraded beside each other.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/result.h"
#include "base/turns.h"

static void next_are(struct turns *t, const enum due *want)
{
	for (size_t i = 0; i < t->count; i++)
		assert_int_equal(turns_next(t, i), want[i]);
}

static void so_many_at_a_time_and_one_question(void **state)
{
	struct turns t = { .count = 3, .at_once = 2 };

	(void)state;
	next_are(&t, (enum due[]){ DUE_BEGIN, DUE_BEGIN, DUE_NOTHING });
	assert_false(turns_ask(&t));
	t.of[0] = TURN_ASKS;	/* makes room: it only waits */
	next_are(&t, (enum due[]){ DUE_NOTHING, DUE_NOTHING, DUE_BEGIN });
	t.of[1] = TURN_ASKS;
	assert_false(turns_ask(&t));
	turns_end(&t, 2, true);
	assert_true(turns_ask(&t));
	assert_false(turns_ask(&t));
	next_are(&t, (enum due[]){ DUE_NOTHING, DUE_NOTHING, DUE_NOTHING });
	turns_answer(&t, true);
	t.at_once = 1;
	next_are(&t, (enum due[]){ DUE_YES, DUE_NOTHING, DUE_NOTHING });
	turns_end(&t, 0, false);
	next_are(&t, (enum due[]){ DUE_NOTHING, DUE_YES, DUE_NOTHING });
	assert_int_equal(turns_in(&t, TURN_ENDED), 2);
	assert_int_equal(t.failed, 1);
}

static void a_no_is_one_for_all(void **state)
{
	struct turns t = { .count = 2, .of = { TURN_ASKS, TURN_ASKS } };

	(void)state;
	assert_true(turns_ask(&t));
	turns_answer(&t, false);
	next_are(&t, (enum due[]){ DUE_NO, DUE_NO });
}

static void nothing_begins_after_a_stop(void **state)
{
	struct turns t = { .count = 4, .at_once = 1, .stop_after = 1, .of = { TURN_RUNS, TURN_ASKS, TURN_WAITS, TURN_PREPARES } };

	(void)state;
	t.asked = t.yes = true;
	turns_end(&t, 0, true);
	next_are(&t, (enum due[]){ DUE_NOTHING, DUE_CANCEL, DUE_LEAVE_OUT, DUE_NOTHING });
	t = (struct turns){ .count = 2, .of = { TURN_WAITS, TURN_RUNS }, .cancelled = true };
	next_are(&t, (enum due[]){ DUE_LEAVE_OUT, DUE_NOTHING });
}

static void the_worst_exit_status_is_that_of_all(void **state)
{
	static const int order[] = { 70, 11, 12, 10, 20, 21, 22, 23, 24, 64, 74, 130, 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		for (size_t j = i; j < sizeof(order) / sizeof(order[0]); j++) {
			assert_int_equal(result_worse(order[i], order[j]), order[i]);
			assert_int_equal(result_worse(order[j], order[i]), order[i]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(so_many_at_a_time_and_one_question),
		cmocka_unit_test(a_no_is_one_for_all),
		cmocka_unit_test(nothing_begins_after_a_stop),
		cmocka_unit_test(the_worst_exit_status_is_that_of_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
