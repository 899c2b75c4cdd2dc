/*
 * Bytes of the keyboard as terminals send them, and the keys they are.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/count.h"
#include "ui/term/input.h"

#define KEYS_MAX 32

struct typist {
	struct input input;
	struct key keys[KEYS_MAX];
	int count;
	int64_t now_ms;
};

static void send(struct typist *t, const char *bytes)
{
	for (; *bytes; bytes++) {
		assert_true(t->count + 2 <= KEYS_MAX);
		t->count += input_take(&t->input, (unsigned char)*bytes, t->now_ms, t->keys + t->count);
	}
}

static void let_pass(struct typist *t, int64_t ms)
{
	t->now_ms += ms;
	assert_true(t->count < KEYS_MAX);
	t->count += input_expire(&t->input, t->now_ms, t->keys + t->count);
}

static void assert_keys(const struct typist *t, const char *bytes, const int *codes, int count)
{
	int i;

	if (t->count != count)
		fail_msg("\"%s\": %d keys, not %d", bytes + (*bytes == '\033'), t->count, count);
	for (i = 0; i < count; i++)
		if (t->keys[i].code != codes[i])
			fail_msg("\"%s\": key %d is %d", bytes + (*bytes == '\033'), i, t->keys[i].code);
}

/* What each sends for a key that we know; 0: swallowed whole. */
static const struct {
	const char *bytes;
	int code;
} rows[] = {
	/* xterm, its modes for cursor keys, and modifiers */
	{ "\033[A", K_UP }, { "\033OA", K_UP }, { "\033[H", K_HOME }, { "\033OH", K_HOME }, { "\033OF", K_END },
	{ "\033[1;5D", K_CTRL_LEFT }, { "\033[1;5C", K_CTRL_RIGHT }, { "\033[1;2A", K_UP }, { "\033[5D", K_CTRL_LEFT },
	{ "\033OP", K_F1 }, { "\033[1;2P", K_F1 }, { "\033[Z", K_SHIFT_TAB }, { "\033[3~", K_DELETE },
	{ "\033[3;5~", K_DELETE }, { "\033[5~", K_PAGE_UP }, { "\033[6;2~", K_PAGE_DOWN },
	/* PuTTY, vt220, rxvt, the Linux console */
	{ "\033[1~", K_HOME }, { "\033[4~", K_END }, { "\033[7~", K_HOME }, { "\033[8~", K_END },
	{ "\033[11~", K_F1 }, { "\033[21~", K_F10 }, { "\033Oc", K_CTRL_RIGHT }, { "\033[7^", K_HOME },
	{ "\033[8$", K_END }, { "\033\033[A", K_UP }, { "\2334~", K_END }, { "\217A", K_UP },
	/* the keypad */
	{ "\033OM", K_ENTER }, { "\033Or", '2' }, { "\033On", '.' }, { "\033OX", '=' },
	{ "\177", K_BACKSPACE }, { "\b", K_BACKSPACE }, { "\n", K_ENTER },
	/* other keys, reports and answers */
	{ "\033[[A", K_F1 }, { "\033[12~", 0 }, { "\033[24;5~", 0 }, { "\033OS", 0 }, { "\033[[B", 0 }, { "\033[2~", 0 }, { "\033[29~", 0 },
	{ "\033[I", 0 }, { "\033[O", 0 }, { "\033[200~", 0 }, { "\033[?62;1;6c", 0 }, { "\033[24;80R", 0 },
	{ "\033[>41;320;0c", 0 }, { "\033[0n", 0 }, { "\033[?2026;2$y", 0 }, { "\033[8;24;80t", 0 },
	{ "\033]11;rgb:ffff/ffff/dddd\007", 0 }, { "\033]52;c;c3RhcnQ=\033\\", 0 }, { "\033P1$r0m\033\\", 0 },
	{ "\033P>|XTerm(379)\033\\", 0 }, { "\033[M !!", K_CLICK }, { "\033[Ma&*", K_WHEEL_DOWN }, { "\033[M#!!", 0 }, { "\033[Mcsq", 0 }, { "\033[<0;4;5m", 0 },
	{ "\033[<35;4;5M", 0 }, { "\033[27;5;115~", 0 }, { "\033[115;5u", 0 }, { "\033s", 0 }, { "\033q", 0 },
	{ "\033[=c", 0 }, { "\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;1m", 0 },
};

static void known_keys_are_known_and_the_rest_is_swallowed_whole(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(rows); i++) {
		struct typist t = { .now_ms = 5000 };
		int codes[] = { 'a', rows[i].code, 'b' };

		if (!rows[i].code)
			codes[1] = 'b';
		send(&t, "a");
		t.now_ms += 200;
		send(&t, rows[i].bytes);
		t.now_ms += 200;
		send(&t, "b");
		assert_keys(&t, rows[i].bytes, codes, rows[i].code ? 3 : 2);
		assert_int_equal(input_due_ms(&t.input), -1);
	}
}

/* As through a gateway or a mobile network, wherever it cuts. */
static void a_key_whose_rest_comes_late_is_still_that_key(void **state)
{
	static const char *const keys[] = { "\033[A", "\033OB", "\033[1;5D", "\033[11~", "\033[24~" };
	static const int codes[] = { K_UP, K_DOWN, K_CTRL_LEFT, K_F1, 0 };
	size_t i, cut;

	(void)state;
	for (i = 0; i < COUNT(keys); i++) {
		for (cut = 1; keys[i][cut]; cut++) {
			struct typist t = { .now_ms = 5000 };
			char start[8];

			memcpy(start, keys[i], cut);
			start[cut] = '\0';
			send(&t, start);
			let_pass(&t, INPUT_REST_MS - 1);
			send(&t, keys[i] + cut);
			let_pass(&t, INPUT_REST_MS);
			assert_keys(&t, keys[i], &codes[i], codes[i] ? 1 : 0);
		}
	}
}

static void an_esc_alone_is_esc(void **state)
{
	static const int codes[] = { K_ESC, 'x', K_ESC, K_ESC, K_CTRL_C };
	struct typist t = { .now_ms = 5000 };

	(void)state;
	send(&t, "\033");
	let_pass(&t, 300);
	assert_int_equal(t.count, 0);
	assert_int_equal(input_due_ms(&t.input), 5000 + INPUT_REST_MS);
	send(&t, "x");			/* by hand, so it is no Alt-x */
	send(&t, "\033");
	let_pass(&t, INPUT_REST_MS);
	send(&t, "\033");
	let_pass(&t, 300);
	send(&t, "\003");
	assert_keys(&t, "", codes, COUNT(codes));
}

static void ctrl_c_counts_in_the_middle_of_anything(void **state)
{
	static const char *const starts[] = { "\033", "\033[", "\033[1;", "\033O", "\033]0;title", "\033P1$", "\303", "\033[<0;1" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(starts); i++) {
		struct typist t = { .now_ms = 5000 };

		send(&t, starts[i]);
		send(&t, "\003");
		assert_int_equal(t.keys[t.count - 1].code, K_CTRL_C);
		assert_int_equal(input_due_ms(&t.input), -1);
	}
}

static void what_stands_between_the_marks_of_a_paste_is_pasted(void **state)
{
	struct typist t = { .now_ms = 5000 };

	(void)state;
	send(&t, "\033[200~ye");
	let_pass(&t, 900);
	send(&t, "s\033[201~n");
	assert_int_equal(t.count, 4);
	assert_true(t.keys[0].pasted && t.keys[1].pasted && t.keys[2].pasted);
	assert_false(t.keys[3].pasted);

	send(&t, "\033[200~y");		/* its end is lost: no key would count any more */
	let_pass(&t, 3000);
	send(&t, "s");
	assert_false(t.keys[t.count - 1].pasted);
}

static void the_mouse_presses_and_turns_its_wheel(void **state)
{
	struct typist t = { .now_ms = 5000 };

	(void)state;
	send(&t, "\033[<0;80;24M\033[<0;80;24m\033[<64;1;1M\033[<65;3;2M\033[<0;0;1M\033[<2;5;5M");
	assert_int_equal(t.count, 3);
	assert_int_equal(t.keys[0].code, K_CLICK);
	assert_int_equal(t.keys[0].x, 79);
	assert_int_equal(t.keys[0].y, 23);
	assert_int_equal(t.keys[1].code, K_WHEEL_UP);
	assert_int_equal(t.keys[2].code, K_WHEEL_DOWN);
}

static void what_term_says_is_known_too(void **state)
{
	static const int codes[] = { K_HOME, K_F1, K_UP };
	struct typist t = { .now_ms = 5000 };

	(void)state;
	input_know(&t.input, "\033[214z", K_HOME);	/* sun */
	input_know(&t.input, "\033p", K_F1);		/* hp */
	input_know(&t.input, NULL, K_END);
	input_know(&t.input, "x", K_END);		/* could be typed */
	send(&t, "\033[214z\033p\033[A");
	assert_keys(&t, "", codes, COUNT(codes));
}

/* Whatever comes: nothing is read or written past what is held, and a hand is heard again soon. */
static void noise_does_no_harm(void **state)
{
	unsigned seed = 1;
	int round, i;

	(void)state;
	for (round = 0; round < 2000; round++) {
		struct typist t = { .now_ms = 5000 };

		for (i = 0; i < 200; i++) {
			seed = seed * 1103515245 + 12345;
			t.count = 0;
			input_take(&t.input, seed >> 16 & 1 ? (unsigned char)(seed >> 18) :
				   (unsigned char)"\033[O<;M9]"[seed >> 18 & 7], t.now_ms, t.keys);
			t.now_ms += seed >> 28;
		}
		let_pass(&t, 5000);
		t.count = 0;
		send(&t, "k");
		assert_int_equal(t.count, 1);
		assert_int_equal(t.keys[0].code, 'k');
		assert_false(t.keys[0].pasted);
	}
}

static void letters_of_other_alphabets_are_keys(void **state)
{
	static const int codes[] = { 0xe9, 0x20ac, 0x1f600 };
	struct typist t = { .now_ms = 5000 };

	(void)state;
	send(&t, "\303\251\342\202\254\360\237\230\200\342\202\377");
	assert_keys(&t, "", codes, COUNT(codes));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_keys_are_known_and_the_rest_is_swallowed_whole),
		cmocka_unit_test(a_key_whose_rest_comes_late_is_still_that_key),
		cmocka_unit_test(an_esc_alone_is_esc),
		cmocka_unit_test(ctrl_c_counts_in_the_middle_of_anything),
		cmocka_unit_test(what_stands_between_the_marks_of_a_paste_is_pasted),
		cmocka_unit_test(the_mouse_presses_and_turns_its_wheel),
		cmocka_unit_test(what_term_says_is_known_too),
		cmocka_unit_test(noise_does_no_harm),
		cmocka_unit_test(letters_of_other_alphabets_are_keys),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
