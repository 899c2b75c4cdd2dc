#include "config.h"

#include "ui/term/input.h"

#include <string.h>

#include "base/count.h"
#include "ui/term/cells.h"

/* The bytes of one key come together; Esc and a letter by hand do not. */
#define TOGETHER_MS 50
/* A paste whose end mark was lost ends when nothing came for so long. */
#define PASTE_REST_MS 2000

#define ESC 0x1b
#define CSI_8BIT 0x9b	/* a vt220 with 8-bit controls; begins no UTF-8 letter */
#define SS3_8BIT 0x8f
#define ST_8BIT 0x9c
#define PARAMETERS 4

enum { PASTE_BEGINS = 200, PASTE_ENDS = 201 };

/* CSI letter, with or without modifiers, and SS3 letter: xterm, vt220, rxvt, PuTTY. */
static const struct {
	char letter;
	int code;
} letters[] = {
	{ 'A', K_UP }, { 'B', K_DOWN }, { 'C', K_RIGHT }, { 'D', K_LEFT }, { 'H', K_HOME }, { 'F', K_END },
	{ 'a', K_UP }, { 'b', K_DOWN }, { 'c', K_CTRL_RIGHT }, { 'd', K_CTRL_LEFT }, { 'Z', K_SHIFT_TAB },
	{ 'P', K_F1 },
};

/* The keypad in its application mode: SS3 and a letter. */
static const char keypad_letters[] = "MXjklmnopqrstuvwxy", keypad_keys[] = "\r=*+,-./0123456789";

/* CSI number ~: vt220, linux, PuTTY, rxvt. */
static const struct {
	int number, code;
} numbers[] = {
	{ 1, K_HOME }, { 7, K_HOME }, { 4, K_END }, { 8, K_END }, { 3, K_DELETE }, { 5, K_PAGE_UP },
	{ 6, K_PAGE_DOWN }, { 11, K_F1 }, { 21, K_F10 },
};

void input_know(struct input *in, const char *bytes, int code)
{
	size_t size = bytes ? strlen(bytes) : 0;

	if (size < 2 || bytes[0] != ESC || size >= INPUT_KNOWN_SIZE || in->known_count == INPUT_KNOWN)
		return;
	memcpy(in->known[in->known_count].bytes, bytes, size + 1);
	in->known[in->known_count++].code = code;
}

static int give(const struct input *in, struct key *key, int code)
{
	*key = (struct key){ .code = code, .pasted = in->in_paste };
	return 1;
}

static void drop(struct input *in)
{
	explicit_bzero(in->held, sizeof(in->held));	/* it may be of a password */
	in->size = 0;
	in->in_string = false;
}

static void hold(struct input *in, unsigned char byte)
{
	in->held[in->size++] = byte;
}

/* -- what TERM says -- */

/* The key that what is held and BYTE are; K_OTHER: none. */
static int code_of_known(const struct input *in, unsigned char byte)
{
	for (size_t i = 0; i < in->known_count; i++) {
		const char *bytes = in->known[i].bytes;

		if (strlen(bytes) == in->size + 1 && !memcmp(bytes, in->held, in->size) &&
		    (unsigned char)bytes[in->size] == byte)
			return in->known[i].code;
	}
	return K_OTHER;
}

/* -- whole sequences -- */

/* "1;5" in SIZE bytes; what is missing is 0. */
static void read_parameters(const unsigned char *text, size_t size, int out[PARAMETERS])
{
	size_t at = 0;

	memset(out, 0, PARAMETERS * sizeof(out[0]));
	for (size_t i = 0; i < size && at < PARAMETERS; i++) {
		if (text[i] == ';')
			at++;
		else if (text[i] >= '0' && text[i] <= '9' && out[at] < 100000)
			out[at] = out[at] * 10 + text[i] - '0';
	}
}

static int with_modifiers(int code, int modifiers)
{
	bool ctrl = modifiers > 1 && (modifiers - 1) & 4;

	if (ctrl && code == K_LEFT)
		return K_CTRL_LEFT;
	return ctrl && code == K_RIGHT ? K_CTRL_RIGHT : code;
}

static int code_of_letter(char letter)
{
	for (size_t i = 0; i < COUNT(letters); i++)
		if (letters[i].letter == letter)
			return letters[i].code;
	return K_OTHER;
}

static int code_of_number(struct input *in, int number)
{
	if (number == PASTE_BEGINS || number == PASTE_ENDS)
		in->in_paste = number == PASTE_BEGINS;
	for (size_t i = 0; i < COUNT(numbers); i++)
		if (numbers[i].number == number)
			return numbers[i].code;
	return K_OTHER;
}

/* BUTTON pressed in column X and row Y, from 1 on; a drag and other buttons are no keys. */
static int give_mouse(const struct input *in, struct key *key, int button, int x, int y)
{
	int code = button == 0 ? K_CLICK : button == 64 ? K_WHEEL_UP : button == 65 ? K_WHEEL_DOWN : K_OTHER;

	if (code == K_OTHER || x < 1 || y < 1)
		return 0;
	*key = (struct key){ .code = code, .pasted = in->in_paste, .x = x - 1, .y = y - 1 };
	return 1;
}

/* "ESC [ < 0 ; 40 ; 12 M"; m at its end is a release. */
static int take_mouse(const struct input *in, struct key *key)
{
	int p[PARAMETERS];

	read_parameters(in->held + 3, in->size - 4, p);
	return in->held[in->size - 1] == 'M' ? give_mouse(in, key, p[0], p[1], p[2]) : 0;
}

/* "ESC [ M" and three bytes, 32 added to each: of terminals without the form above. */
static int take_first_mouse(const struct input *in, struct key *key)
{
	return give_mouse(in, key, in->held[3] - 32, in->held[4] - 32, in->held[5] - 32);
}

/* ESC [ ... FINAL. */
static int take_csi(struct input *in, struct key *key)
{
	unsigned char final = in->held[in->size - 1];
	int p[PARAMETERS], code = K_OTHER;

	if (in->held[2] == '<')
		return take_mouse(in, key);
	if (in->held[2] == 'M')
		return take_first_mouse(in, key);
	if (in->held[2] == '[')		/* the Linux console */
		return final == 'A' ? give(in, key, K_F1) : 0;
	if (in->held[2] >= '<' && in->held[2] <= '?')
		return 0;
	read_parameters(in->held + 2, in->size - 3, p);
	if (final == '~' || final == '^' || final == '$' || final == '@')
		code = code_of_number(in, p[0]);
	else if (in->size == 3 || final < 'a')	/* "1;5D", and "5D" of old ones; "0n" is an answer */
		code = with_modifiers(code_of_letter((char)final), p[1] ? p[1] : p[0]);
	return code == K_OTHER ? 0 : give(in, key, code);
}

static int take_ss3(struct input *in, struct key *key)
{
	unsigned char final = in->held[in->size - 1];
	const char *pad = strchr(keypad_letters, final);
	int code = pad ? keypad_keys[pad - keypad_letters] : code_of_letter((char)final);

	return code == K_OTHER ? 0 : give(in, key, code);
}

/* Is what is held a whole sequence now? */
static bool csi_is_whole(const struct input *in)
{
	unsigned char last = in->held[in->size - 1];

	if (in->size < 3)
		return false;
	if (in->held[2] == '[')		/* F1 to F5 of the Linux console */
		return in->size == 4;
	if (in->held[2] == 'M')		/* the mouse in its first form: three bytes more */
		return in->size == 6;
	if (last == '$')		/* rxvt's Shift ends in what begins the end of an answer */
		return in->held[2] != '?';
	return in->size == INPUT_HELD || (last >= 0x40 && last <= 0x7e);
}

static bool ss3_is_whole(const struct input *in)
{
	unsigned char last = in->held[in->size - 1];

	return in->size > 2 && (last < '0' || last > '9');	/* a modifier may come first */
}

/* What introduces an answer of the terminal: DCS, SOS, OSC, PM, APC. */
static bool begins_string(unsigned char byte)
{
	return byte == 'P' || byte == 'X' || byte == ']' || byte == '^' || byte == '_';
}

/* -- letters -- */

static size_t letter_size(unsigned char lead)
{
	return lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
}

static int take_first(struct input *in, unsigned char byte, struct key *key)
{
	if (byte == CSI_8BIT || byte == SS3_8BIT) {
		hold(in, ESC);
		hold(in, byte == CSI_8BIT ? '[' : 'O');
		return 0;
	}
	if (byte == ESC || letter_size(byte) > 1) {
		hold(in, byte);
		return 0;
	}
	if (byte >= 0x80)	/* begins no letter */
		return 0;
	return give(in, key, byte == 127 || byte == '\b' ? K_BACKSPACE : byte == '\n' ? K_ENTER : byte);
}

/* A letter in UTF-8; a broken one is no key. */
static int take_of_letter(struct input *in, unsigned char byte, struct key *key)
{
	char bytes[5] = "";
	struct letter l;

	if (byte < 0x80 || byte >= 0xc0) {
		drop(in);
		return take_first(in, byte, key);
	}
	hold(in, byte);
	if (in->size < letter_size(in->held[0]))
		return 0;
	memcpy(bytes, in->held, in->size);
	drop(in);
	l = cells_letter(bytes);
	explicit_bzero(bytes, sizeof(bytes));
	return l.size > 1 && l.code != L'?' ? give(in, key, (int)l.code) : 0;
}

/* -- byte by byte -- */

/* Up to BEL or ESC \; only what may be half of its end is held. */
static int take_of_string(struct input *in, unsigned char byte, struct key *key)
{
	bool escaped = in->held[0] == ESC;

	in->held[0] = byte;
	if (byte == '\a' || byte == ST_8BIT || (escaped && byte == '\\'))
		drop(in);
	if (byte >= ' ' || byte == '\a' || byte == ESC)
		return 0;
	drop(in);
	return take_first(in, byte, key);
}

/* The byte after an Esc. */
static int take_second(struct input *in, unsigned char byte, bool together, struct key keys[2])
{
	int n;

	if (byte == ESC && together)	/* ESC ESC [ A is Alt and an arrow */
		return 0;
	in->in_string = together && begins_string(byte);
	if (byte == '[' || byte == 'O' || in->in_string) {
		hold(in, byte);
		return 0;
	}
	drop(in);
	if (together && byte > ' ' && byte < 0x7f)	/* Alt and a letter */
		return 0;
	n = give(in, &keys[0], K_ESC);
	return n + take_first(in, byte, &keys[n]);
}

static int take_more(struct input *in, unsigned char byte, bool together, struct key *key)
{
	bool csi = in->held[1] == '[', mouse = csi && in->size >= 3 && in->held[2] == 'M';
	int n;

	/* Ctrl-C counts in whatever it comes; and of what is typed M is the end */
	if (mouse ? !together : byte < ' ' || byte >= 0x7f) {
		drop(in);
		return take_first(in, byte, key);
	}
	hold(in, byte);
	if (!(csi ? csi_is_whole(in) : ss3_is_whole(in)))
		return 0;
	n = csi ? take_csi(in, key) : take_ss3(in, key);
	drop(in);
	return n;
}

static int take_of_sequence(struct input *in, unsigned char byte, bool together, struct key keys[2])
{
	int code = code_of_known(in, byte);

	if (code != K_OTHER) {
		drop(in);
		return give(in, keys, code);
	}
	return in->size == 1 ? take_second(in, byte, together, keys) : take_more(in, byte, together, keys);
}

int input_take(struct input *in, unsigned char byte, int64_t now_ms, struct key keys[2])
{
	int64_t since_ms = now_ms - in->last_ms;
	bool together = since_ms < TOGETHER_MS;

	in->last_ms = now_ms;
	if (since_ms >= PASTE_REST_MS)
		in->in_paste = false;
	if (!in->size)
		return take_first(in, byte, keys);
	if (in->in_string)
		return take_of_string(in, byte, keys);
	if (in->held[0] != ESC)
		return take_of_letter(in, byte, keys);
	return take_of_sequence(in, byte, together, keys);
}

int64_t input_due_ms(const struct input *in)
{
	return in->size ? in->last_ms + INPUT_REST_MS : -1;
}

int input_expire(struct input *in, int64_t now_ms, struct key *key)
{
	bool escape = in->size == 1 && in->held[0] == ESC && !in->in_string;

	if (!in->size || now_ms < input_due_ms(in))
		return 0;
	drop(in);
	return escape ? give(in, key, K_ESC) : 0;
}
