#include "config.h"

#include "base/text.h"

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* An inclusive run of code points. Tables ascend. */
struct range {
	uint32_t first, last;
};

/* Characters that show nothing, change the direction or the look of what
 * follows, or have no agreed look: Unicode categories Cf, Zl, Zp and Co,
 * Default_Ignorable_Code_Point, and all beyond plane 3. */
static const struct range invisible[] = {
	{ 0x00ad, 0x00ad }, { 0x034f, 0x034f }, { 0x0600, 0x0605 }, { 0x061c, 0x061c },
	{ 0x06dd, 0x06dd }, { 0x070f, 0x070f }, { 0x0890, 0x0891 }, { 0x08e2, 0x08e2 },
	{ 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f },
	{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0x3164, 0x3164 }, { 0xe000, 0xf8ff },
	{ 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb },
	{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1345f }, { 0x1bca0, 0x1bca3 },
	{ 0x1d173, 0x1d17a }, { 0x40000, 0x10ffff },
};
/* Characters that take no column of their own: categories Mn and Me of Unicode 14,
 * unassigned gaps between them included, and the trailing Hangul jamo. In a
 * table of our own because iswprint() and wcwidth() depend on the locale. */
static const struct range combining[] = {
	{ 0x0300, 0x034e }, { 0x0350, 0x036f }, { 0x0483, 0x0489 }, { 0x0591, 0x05bd },
	{ 0x05bf, 0x05bf }, { 0x05c1, 0x05c2 }, { 0x05c4, 0x05c5 }, { 0x05c7, 0x05c7 },
	{ 0x0610, 0x061a }, { 0x064b, 0x065f }, { 0x0670, 0x0670 }, { 0x06d6, 0x06dc },
	{ 0x06df, 0x06e4 }, { 0x06e7, 0x06e8 }, { 0x06ea, 0x06ed }, { 0x0711, 0x0711 },
	{ 0x0730, 0x074a }, { 0x07a6, 0x07b0 }, { 0x07eb, 0x07f3 }, { 0x07fd, 0x07fd },
	{ 0x0816, 0x0819 }, { 0x081b, 0x0823 }, { 0x0825, 0x0827 }, { 0x0829, 0x082d },
	{ 0x0859, 0x085b }, { 0x0898, 0x089f }, { 0x08ca, 0x08e1 }, { 0x08e3, 0x0902 },
	{ 0x093a, 0x093a }, { 0x093c, 0x093c }, { 0x0941, 0x0948 }, { 0x094d, 0x094d },
	{ 0x0951, 0x0957 }, { 0x0962, 0x0963 }, { 0x0981, 0x0981 }, { 0x09bc, 0x09bc },
	{ 0x09c1, 0x09c4 }, { 0x09cd, 0x09cd }, { 0x09e2, 0x09e3 }, { 0x09fe, 0x0a02 },
	{ 0x0a3c, 0x0a3c }, { 0x0a41, 0x0a51 }, { 0x0a70, 0x0a71 }, { 0x0a75, 0x0a75 },
	{ 0x0a81, 0x0a82 }, { 0x0abc, 0x0abc }, { 0x0ac1, 0x0ac8 }, { 0x0acd, 0x0acd },
	{ 0x0ae2, 0x0ae3 }, { 0x0afa, 0x0b01 }, { 0x0b3c, 0x0b3c }, { 0x0b3f, 0x0b3f },
	{ 0x0b41, 0x0b44 }, { 0x0b4d, 0x0b56 }, { 0x0b62, 0x0b63 }, { 0x0b82, 0x0b82 },
	{ 0x0bc0, 0x0bc0 }, { 0x0bcd, 0x0bcd }, { 0x0c00, 0x0c00 }, { 0x0c04, 0x0c04 },
	{ 0x0c3c, 0x0c3c }, { 0x0c3e, 0x0c40 }, { 0x0c46, 0x0c56 }, { 0x0c62, 0x0c63 },
	{ 0x0c81, 0x0c81 }, { 0x0cbc, 0x0cbc }, { 0x0cbf, 0x0cbf }, { 0x0cc6, 0x0cc6 },
	{ 0x0ccc, 0x0ccd }, { 0x0ce2, 0x0ce3 }, { 0x0d00, 0x0d01 }, { 0x0d3b, 0x0d3c },
	{ 0x0d41, 0x0d44 }, { 0x0d4d, 0x0d4d }, { 0x0d62, 0x0d63 }, { 0x0d81, 0x0d81 },
	{ 0x0dca, 0x0dca }, { 0x0dd2, 0x0dd6 }, { 0x0e31, 0x0e31 }, { 0x0e34, 0x0e3a },
	{ 0x0e47, 0x0e4e }, { 0x0eb1, 0x0eb1 }, { 0x0eb4, 0x0ebc }, { 0x0ec8, 0x0ecd },
	{ 0x0f18, 0x0f19 }, { 0x0f35, 0x0f35 }, { 0x0f37, 0x0f37 }, { 0x0f39, 0x0f39 },
	{ 0x0f71, 0x0f7e }, { 0x0f80, 0x0f84 }, { 0x0f86, 0x0f87 }, { 0x0f8d, 0x0fbc },
	{ 0x0fc6, 0x0fc6 }, { 0x102d, 0x1030 }, { 0x1032, 0x1037 }, { 0x1039, 0x103a },
	{ 0x103d, 0x103e }, { 0x1058, 0x1059 }, { 0x105e, 0x1060 }, { 0x1071, 0x1074 },
	{ 0x1082, 0x1082 }, { 0x1085, 0x1086 }, { 0x108d, 0x108d }, { 0x109d, 0x109d },
	{ 0x1161, 0x11ff }, { 0x135d, 0x135f }, { 0x1712, 0x1714 }, { 0x1732, 0x1733 },
	{ 0x1752, 0x1753 }, { 0x1772, 0x1773 }, { 0x17b7, 0x17bd }, { 0x17c6, 0x17c6 },
	{ 0x17c9, 0x17d3 }, { 0x17dd, 0x17dd }, { 0x1885, 0x1886 }, { 0x18a9, 0x18a9 },
	{ 0x1920, 0x1922 }, { 0x1927, 0x1928 }, { 0x1932, 0x1932 }, { 0x1939, 0x193b },
	{ 0x1a17, 0x1a18 }, { 0x1a1b, 0x1a1b }, { 0x1a56, 0x1a56 }, { 0x1a58, 0x1a60 },
	{ 0x1a62, 0x1a62 }, { 0x1a65, 0x1a6c }, { 0x1a73, 0x1a7f }, { 0x1ab0, 0x1b03 },
	{ 0x1b34, 0x1b34 }, { 0x1b36, 0x1b3a }, { 0x1b3c, 0x1b3c }, { 0x1b42, 0x1b42 },
	{ 0x1b6b, 0x1b73 }, { 0x1b80, 0x1b81 }, { 0x1ba2, 0x1ba5 }, { 0x1ba8, 0x1ba9 },
	{ 0x1bab, 0x1bad }, { 0x1be6, 0x1be6 }, { 0x1be8, 0x1be9 }, { 0x1bed, 0x1bed },
	{ 0x1bef, 0x1bf1 }, { 0x1c2c, 0x1c33 }, { 0x1c36, 0x1c37 }, { 0x1cd0, 0x1cd2 },
	{ 0x1cd4, 0x1ce0 }, { 0x1ce2, 0x1ce8 }, { 0x1ced, 0x1ced }, { 0x1cf4, 0x1cf4 },
	{ 0x1cf8, 0x1cf9 }, { 0x1dc0, 0x1dff }, { 0x20d0, 0x20f0 }, { 0x2cef, 0x2cf1 },
	{ 0x2d7f, 0x2d7f }, { 0x2de0, 0x2dff }, { 0x302a, 0x302d }, { 0x3099, 0x309a },
	{ 0xa66f, 0xa672 }, { 0xa674, 0xa67d }, { 0xa69e, 0xa69f }, { 0xa6f0, 0xa6f1 },
	{ 0xa802, 0xa802 }, { 0xa806, 0xa806 }, { 0xa80b, 0xa80b }, { 0xa825, 0xa826 },
	{ 0xa82c, 0xa82c }, { 0xa8c4, 0xa8c5 }, { 0xa8e0, 0xa8f1 }, { 0xa8ff, 0xa8ff },
	{ 0xa926, 0xa92d }, { 0xa947, 0xa951 }, { 0xa980, 0xa982 }, { 0xa9b3, 0xa9b3 },
	{ 0xa9b6, 0xa9b9 }, { 0xa9bc, 0xa9bd }, { 0xa9e5, 0xa9e5 }, { 0xaa29, 0xaa2e },
	{ 0xaa31, 0xaa32 }, { 0xaa35, 0xaa36 }, { 0xaa43, 0xaa43 }, { 0xaa4c, 0xaa4c },
	{ 0xaa7c, 0xaa7c }, { 0xaab0, 0xaab0 }, { 0xaab2, 0xaab4 }, { 0xaab7, 0xaab8 },
	{ 0xaabe, 0xaabf }, { 0xaac1, 0xaac1 }, { 0xaaec, 0xaaed }, { 0xaaf6, 0xaaf6 },
	{ 0xabe5, 0xabe5 }, { 0xabe8, 0xabe8 }, { 0xabed, 0xabed }, { 0xd7b0, 0xd7fb },
	{ 0xfb1e, 0xfb1e }, { 0xfe20, 0xfe2f }, { 0x101fd, 0x101fd }, { 0x102e0, 0x102e0 },
	{ 0x10376, 0x1037a }, { 0x10a01, 0x10a0f }, { 0x10a38, 0x10a3f }, { 0x10ae5, 0x10ae6 },
	{ 0x10d24, 0x10d27 }, { 0x10eab, 0x10eac }, { 0x10f46, 0x10f50 }, { 0x10f82, 0x10f85 },
	{ 0x11001, 0x11001 }, { 0x11038, 0x11046 }, { 0x11070, 0x11070 }, { 0x11073, 0x11074 },
	{ 0x1107f, 0x11081 }, { 0x110b3, 0x110b6 }, { 0x110b9, 0x110ba }, { 0x110c2, 0x110c2 },
	{ 0x11100, 0x11102 }, { 0x11127, 0x1112b }, { 0x1112d, 0x11134 }, { 0x11173, 0x11173 },
	{ 0x11180, 0x11181 }, { 0x111b6, 0x111be }, { 0x111c9, 0x111cc }, { 0x111cf, 0x111cf },
	{ 0x1122f, 0x11231 }, { 0x11234, 0x11234 }, { 0x11236, 0x11237 }, { 0x1123e, 0x1123e },
	{ 0x112df, 0x112df }, { 0x112e3, 0x112ea }, { 0x11300, 0x11301 }, { 0x1133b, 0x1133c },
	{ 0x11340, 0x11340 }, { 0x11366, 0x11374 }, { 0x11438, 0x1143f }, { 0x11442, 0x11444 },
	{ 0x11446, 0x11446 }, { 0x1145e, 0x1145e }, { 0x114b3, 0x114b8 }, { 0x114ba, 0x114ba },
	{ 0x114bf, 0x114c0 }, { 0x114c2, 0x114c3 }, { 0x115b2, 0x115b5 }, { 0x115bc, 0x115bd },
	{ 0x115bf, 0x115c0 }, { 0x115dc, 0x115dd }, { 0x11633, 0x1163a }, { 0x1163d, 0x1163d },
	{ 0x1163f, 0x11640 }, { 0x116ab, 0x116ab }, { 0x116ad, 0x116ad }, { 0x116b0, 0x116b5 },
	{ 0x116b7, 0x116b7 }, { 0x1171d, 0x1171f }, { 0x11722, 0x11725 }, { 0x11727, 0x1172b },
	{ 0x1182f, 0x11837 }, { 0x11839, 0x1183a }, { 0x1193b, 0x1193c }, { 0x1193e, 0x1193e },
	{ 0x11943, 0x11943 }, { 0x119d4, 0x119db }, { 0x119e0, 0x119e0 }, { 0x11a01, 0x11a0a },
	{ 0x11a33, 0x11a38 }, { 0x11a3b, 0x11a3e }, { 0x11a47, 0x11a47 }, { 0x11a51, 0x11a56 },
	{ 0x11a59, 0x11a5b }, { 0x11a8a, 0x11a96 }, { 0x11a98, 0x11a99 }, { 0x11c30, 0x11c3d },
	{ 0x11c3f, 0x11c3f }, { 0x11c92, 0x11ca7 }, { 0x11caa, 0x11cb0 }, { 0x11cb2, 0x11cb3 },
	{ 0x11cb5, 0x11cb6 }, { 0x11d31, 0x11d45 }, { 0x11d47, 0x11d47 }, { 0x11d90, 0x11d91 },
	{ 0x11d95, 0x11d95 }, { 0x11d97, 0x11d97 }, { 0x11ef3, 0x11ef4 }, { 0x16af0, 0x16af4 },
	{ 0x16b30, 0x16b36 }, { 0x16f4f, 0x16f4f }, { 0x16f8f, 0x16f92 }, { 0x16fe4, 0x16fe4 },
	{ 0x1bc9d, 0x1bc9e }, { 0x1cf00, 0x1cf46 }, { 0x1d167, 0x1d169 }, { 0x1d17b, 0x1d182 },
	{ 0x1d185, 0x1d18b }, { 0x1d1aa, 0x1d1ad }, { 0x1d242, 0x1d244 }, { 0x1da00, 0x1da36 },
	{ 0x1da3b, 0x1da6c }, { 0x1da75, 0x1da75 }, { 0x1da84, 0x1da84 }, { 0x1da9b, 0x1daaf },
	{ 0x1e000, 0x1e02a }, { 0x1e130, 0x1e136 }, { 0x1e2ae, 0x1e2ae }, { 0x1e2ec, 0x1e2ef },
	{ 0x1e8d0, 0x1e8d6 }, { 0x1e944, 0x1e94a },
};
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool in_table(const struct range *table, size_t count, uint32_t c)
{
	size_t low = 0;

	while (low < count) {
		size_t middle = low + (count - low) / 2;

		if (c > table[middle].last)
			low = middle + 1;
		else if (c < table[middle].first)
			count = middle;
		else
			return true;
	}
	return false;
}

/* Decode one well-formed UTF-8 sequence (Unicode 14, table 3-7) of more than
 * one byte. Returns its length, 0 when there is none. */
static size_t decode(const unsigned char *in, size_t size, uint32_t *c)
{
	static const struct {
		unsigned char lead_mask, lead;
		uint32_t least;
	} forms[] = {
		[2] = { 0xe0, 0xc0, 0x80 },
		[3] = { 0xf0, 0xe0, 0x800 },
		[4] = { 0xf8, 0xf0, 0x10000 },
	};

	for (size_t n = 2; n <= 4; n++) {
		if ((in[0] & forms[n].lead_mask) != forms[n].lead)
			continue;
		if (size < n)
			return 0;
		*c = in[0] & (unsigned char)~forms[n].lead_mask;
		for (size_t i = 1; i < n; i++) {
			if ((in[i] & 0xc0) != 0x80)
				return 0;
			*c = *c << 6 | (in[i] & 0x3f);
		}
		bool surrogate = *c >= 0xd800 && *c <= 0xdfff;

		return *c < forms[n].least || *c > 0x10ffff || surrogate ? 0 : n;
	}
	return 0;
}

static bool is_noncharacter(uint32_t c)
{
	return (c & 0xfffe) == 0xfffe || (c >= 0xfdd0 && c <= 0xfdef);
}

/* What one character turns into; the longest is \u{10ffff} or four \xNN. */
struct piece {
	char text[16];
	size_t size;
};

static void put_hex(struct piece *p, uint32_t value, int digits)
{
	while (digits-- > 0)
		p->text[p->size++] = "0123456789abcdef"[value >> 4 * digits & 15];
}

static void put_bytes(struct piece *p, const unsigned char *in, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		p->text[p->size++] = '\\';
		p->text[p->size++] = 'x';
		put_hex(p, in[i], 2);
	}
}

static void put_code_point(struct piece *p, uint32_t c)
{
	int digits = 4;

	while (c >> 4 * digits != 0)
		digits++;
	memcpy(p->text, "\\u{", 3);
	p->size = 3;
	put_hex(p, c, digits);
	p->text[p->size++] = '}';
}

/* More marks than this on one base run into the lines above and below. */
#define MARKS_MAX 2

/* Make P of the character that begins at IN; returns how many bytes it is.
 * *MARKS is how many more combining marks may follow the one before. */
static size_t next_piece(struct piece *p, const unsigned char *in, size_t size,
			 int *marks)
{
	uint32_t c;

	p->size = 0;
	if (in[0] >= 0x20 && in[0] <= 0x7e) {
		p->text[p->size++] = (char)in[0];
		*marks = MARKS_MAX;
		return 1;
	}
	size_t used = in[0] < 0x80 ? 0 : decode(in, size, &c);

	if (used == 0) {
		put_bytes(p, in, 1);
		*marks = 0;
		return 1;
	}
	bool mark = in_table(combining, COUNT(combining), c);

	if (c < 0xa0 || is_noncharacter(c)) {
		put_bytes(p, in, used);
		*marks = 0;
	} else if (in_table(invisible, COUNT(invisible), c) ||
		   (mark && *marks == 0)) {
		put_code_point(p, c);
		*marks = 0;
	} else {
		memcpy(p->text, in, used);
		p->size = used;
		*marks = mark ? *marks - 1 : MARKS_MAX;
	}
	return used;
}

size_t text_safe(char *out, size_t out_size, const void *in, size_t size)
{
	static const char dots[] = "...";
	const unsigned char *bytes = in;
	size_t room = out_size - 1;
	size_t used = 0;
	size_t cut = 0;		/* the last place where the dots still fit */
	int marks = 0;
	struct piece p;

	assert(out_size > 0);
	for (size_t i = 0; i < size;) {
		i += next_piece(&p, bytes + i, size - i, &marks);
		if (p.size > room - used) {
			if (room < strlen(dots))
				break;
			memcpy(out + cut, dots, strlen(dots));
			used = cut + strlen(dots);
			break;
		}
		memcpy(out + used, p.text, p.size);
		used += p.size;
		if (room - used >= strlen(dots))
			cut = used;
	}
	out[used] = '\0';
	return used;
}

size_t text_safe_str(char *out, size_t out_size, const char *in)
{
	return text_safe(out, out_size, in, strlen(in));
}

char *text_count(char out[28], unsigned long long size)
{
	char reversed[28];
	size_t used = 0;
	size_t digits = 0;

	do {
		if (digits > 0 && digits % 3 == 0)
			reversed[used++] = ',';
		reversed[used++] = (char)('0' + size % 10);
		size /= 10;
		digits++;
	} while (size > 0);
	for (size_t i = 0; i < used; i++)
		out[i] = reversed[used - 1 - i];
	out[used] = '\0';
	return out;
}

void redactor_init(struct redactor *r)
{
	memset(r, 0, sizeof(*r));
}

/* Longest secret as given; percent-encoded it must fit REDACTOR_SECRET_SIZE. */
#define SECRET_MAX 127

static int add_spelling(struct redactor *r, const char *text, size_t size,
			struct err *e)
{
	assert(size <= REDACTOR_SECRET_SIZE);
	for (size_t i = 0; i < r->count; i++) {
		if (r->secrets[i].size == size &&
		    memcmp(r->secrets[i].text, text, size) == 0)
			return 0;
	}
	if (r->count == REDACTOR_SECRETS)
		return err_set(e, ERR_USAGE, "too many secrets: no more than %d spellings can be kept out of the log",
			       REDACTOR_SECRETS);
	memcpy(r->secrets[r->count].text, text, size);
	r->secrets[r->count].size = size;
	r->head[r->count] = 0;
	r->count++;
	return 0;
}

/* RFC 3986 2.3, and KEEP. */
static bool stays_plain(char c, const char *keep)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') ||
	       (c != '\0' && (strchr("-._~", c) != NULL || strchr(keep, c) != NULL));
}

static size_t percent_encode(char *out, const char *in, size_t size,
			     const char *keep, const char *hex)
{
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		unsigned char byte = (unsigned char)in[i];

		if (stays_plain(in[i], keep)) {
			out[used++] = in[i];
			continue;
		}
		out[used++] = '%';
		out[used++] = hex[byte >> 4];
		out[used++] = hex[byte & 15];
	}
	return used;
}

static int add_spellings(struct redactor *r, const char *secret, size_t size,
			 struct err *e)
{
	/* RFC 3986 3.2.1: what userinfo may hold as it is, and what encoders leave */
	static const char *const keeps[] = { "", "!$&'()*+,;=:" };
	static const char *const hexes[] = { "0123456789ABCDEF", "0123456789abcdef" };
	char spelling[REDACTOR_SECRET_SIZE];

	static_assert(3 * SECRET_MAX <= REDACTOR_SECRET_SIZE, "all bytes encoded");
	if (add_spelling(r, secret, size, e) < 0)
		return -1;
	for (size_t k = 0; k < COUNT(keeps); k++) {
		for (size_t h = 0; h < COUNT(hexes); h++) {
			size_t used = percent_encode(spelling, secret, size,
						     keeps[k], hexes[h]);

			if (add_spelling(r, spelling, used, e) < 0)
				return -1;
		}
	}
	return 0;
}

int redactor_add(struct redactor *r, const char *secret, struct err *e)
{
	size_t before = r->count;
	size_t size = strlen(secret);

	if (size == 0)
		return 0;
	if (size > SECRET_MAX)
		return err_set(e, ERR_USAGE, "a password of %zu bytes: the limit is %d",
			       size, SECRET_MAX);
	if (add_spellings(r, secret, size, e) < 0) {
		r->count = before;
		return -1;
	}
	return 0;
}

/* Without the padding, so that a text with or without it is found. */
static size_t base64(char *out, const char *in, size_t size)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = 0;
	int held = 0;
	size_t used = 0;

	for (size_t i = 0; i < size; i++) {
		bits = bits << 8 | (unsigned char)in[i];
		for (held += 8; held >= 6; held -= 6)
			out[used++] = digits[bits >> (held - 6) & 63];
	}
	if (held > 0)
		out[used++] = digits[bits << (6 - held) & 63];
	return used;
}

int redactor_add_login(struct redactor *r, const char *user,
		       const char *password, struct err *e)
{
	char login[2 * SECRET_MAX + 1];
	char encoded[REDACTOR_SECRET_SIZE];
	size_t before = r->count;
	size_t user_size = strlen(user);
	size_t password_size = strlen(password);

	static_assert((sizeof(login) + 2) / 3 * 4 <= sizeof(encoded), "base64 fits");
	if (password_size == 0)
		return 0;
	if (user_size > SECRET_MAX)
		return err_set(e, ERR_USAGE, "a user name of %zu bytes: the limit is %d",
			       user_size, SECRET_MAX);
	if (redactor_add(r, password, e) < 0)
		return -1;
	memcpy(login, user, user_size);
	login[user_size] = ':';
	memcpy(login + user_size + 1, password, password_size);
	size_t size = base64(encoded, login, user_size + 1 + password_size);

	if (add_spelling(r, encoded, size, e) < 0) {
		r->count = before;
		return -1;
	}
	return 0;
}

/* A line and, for each of its bytes, whether it is to be hidden. */
struct masked {
	const char *text;
	size_t size;
	bool hide[REDACTOR_LINE_MAX];
};

static void hide(struct masked *m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++)
		m->hide[i] = true;
}

/* How many bytes of the secret stand at START of what the last line left over
 * (HEAD bytes of the secret itself) and the line behind it. */
static size_t match(const char *secret, size_t size, size_t head,
		    const struct masked *m, size_t start)
{
	size_t n = 0;

	while (n < size && start + n < head + m->size) {
		size_t i = start + n;
		char c = i < head ? secret[i] : m->text[i - head];

		if (c != secret[n])
			break;
		n++;
	}
	return n;
}

/* Hide secret K, also where it began on the line before or may go on in the
 * next: then from its second byte on, as one byte says nothing. */
static void hide_secret(struct redactor *r, size_t k, struct masked *m)
{
	const char *secret = r->secrets[k].text;
	size_t size = r->secrets[k].size;
	size_t head = r->head[k];
	size_t total = head + m->size;

	r->head[k] = 0;
	for (size_t start = 0; start < total; start++) {
		size_t n = match(secret, size, head, m, start);
		size_t from = start > head ? start - head : 0;

		if (n == size) {
			hide(m, from, start + n - head);
		} else if (start + n == total) {
			r->head[k] = n;
			if (n >= 2)
				hide(m, from, m->size);
			return;
		}
	}
}

static bool ends_authority(char c)
{
	return c == '/' || c == '"' || (c >= 0 && c <= ' ');
}

/* Userinfo behind every "://": all up to the last '@' before the path, but for
 * the colon that parts user and password. */
static void hide_userinfo(struct masked *m)
{
	for (size_t i = 3; i < m->size; i++) {
		if (memcmp(m->text + i - 3, "://", 3) != 0)
			continue;
		size_t at = i;		/* end of the userinfo */
		size_t colon = m->size;

		for (size_t j = i; j < m->size && !ends_authority(m->text[j]); j++) {
			if (m->text[j] == '@')
				at = j;
			if (m->text[j] == ':' && colon == m->size)
				colon = j;
		}
		hide(m, i, colon < at ? colon : at);
		if (colon < at)
			hide(m, colon + 1, at);
	}
}

/* Commands and answers with a secret among their fields. */
static const struct redactor_rule {
	const char *keyword;	/* in any case, anywhere: an echo may be doubled or lack its begin */
	const char *signs;	/* one of which stands behind it */
	int first, count;	/* the fields to hide, counted from 0 */
	bool after_numbers;	/* counted from the first field that is no number */
	bool named;		/* only when field 0 names a secret */
} rules[] = {
	/* protocol.md 7: <cid>,1,"apn","user","pass",<auth> and, in the answer, 1,"apn","user","pass",<auth> */
	{ "QICSGP", "=:", .first = 1, .count = 2, .after_numbers = true },
	/* 3GPP TS 27.007 10.1.31: <cid>,<auth>,<user>,<password> */
	{ "CGAUTH", "=:", .first = 2, .count = 2 },
	/* 3GPP TS 27.007 8.3: <pin>[,<newpin>] */
	{ "CPIN", "=", .first = 0, .count = 2 },
	/* 3GPP TS 27.007 7.4: <fac>,<mode>,<passwd> */
	{ "CLCK", "=", .first = 2, .count = 1 },
	/* 3GPP TS 27.007 7.5: <fac>,<oldpwd>,<newpwd> */
	{ "CPWD", "=", .first = 1, .count = 2 },
	/* AT+QFTPCFG="account",<user>,<password> (UGxx FTP manual) and the like */
	{ "CFG", "=:", .first = 1, .count = 8, .named = true },
};

static const char *const secret_names[] = { "account", "auth", "pass", "psk", "pwd", "secret" };

static char lower(char c)
{
	return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
}

static bool begins_with(const struct masked *m, size_t at, const char *text)
{
	for (; *text != '\0'; text++, at++) {
		if (at >= m->size || lower(m->text[at]) != lower(*text))
			return false;
	}
	return true;
}

static bool names_secret(const struct masked *m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		for (size_t k = 0; k < COUNT(secret_names); k++) {
			if (begins_with(m, i, secret_names[k]))
				return true;
		}
	}
	return false;
}

static bool is_number(const struct masked *m, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++) {
		if ((m->text[i] < '0' || m->text[i] > '9') && m->text[i] != ' ')
			return false;
	}
	return to > from;
}

/* Hide a field but not its quotes, nor the question of AT+CPIN=?. */
static void hide_field(struct masked *m, size_t from, size_t to)
{
	while (from < to && m->text[from] == ' ')
		from++;
	while (to > from && m->text[to - 1] == ' ')
		to--;
	if (from < to && m->text[from] == '"')
		from++;
	if (to > from && m->text[to - 1] == '"')
		to--;
	if (to - from != 1 || m->text[from] != '?')
		hide(m, from, to);
}

/* Go through the fields from AT on and hide those that F's rule names. Leaves
 * in F where the line broke off; F->rule is NULL when all were seen. */
static void hide_fields(struct redactor_fields *f, struct masked *m, size_t at)
{
	const struct redactor_rule *rule = f->rule;

	for (;; f->field++) {
		size_t from = at;

		while (at < m->size &&
		       (f->quoted || (m->text[at] != ',' && m->text[at] != ';'))) {
			if (m->text[at] == '"')
				f->quoted = !f->quoted;
			at++;
		}
		if (rule->after_numbers && f->base < 0 && !is_number(m, from, at))
			f->base = f->field;
		int index = f->field - f->base;

		if (f->base >= 0 && index >= rule->first)
			hide_field(m, from, at);
		bool wrong = rule->named && f->field == 0 && !names_secret(m, from, at);
		bool last = f->base >= 0 && index + 1 == rule->first + rule->count;

		if (at == m->size && !wrong && (f->quoted || !last || from == at))
			return;
		if (at == m->size || m->text[at] == ';' || wrong || last)
			break;
		at++;
	}
	f->rule = NULL;
}

/* Is LINE the rest of what the last one broke off: the end of a quoted field,
 * or the next field? */
static bool goes_on(const struct redactor_fields *f, const struct masked *m)
{
	if (f->rule == NULL || m->size == 0)
		return false;
	if (f->quoted)
		return memchr(m->text, '"', m->size) != NULL;
	return m->text[0] == ',' || m->text[0] == '"';
}

static void hide_rules(struct redactor *r, struct masked *m)
{
	struct redactor_fields *f = &r->fields;
	size_t at = 0;

	if (goes_on(f, m)) {
		if (!f->quoted && m->text[0] == ',') {
			f->field++;
			at = 1;
		}
		hide_fields(f, m, at);
	} else if (m->size > 0) {
		f->rule = NULL;
	}
	for (size_t i = 0; i < m->size; i++) {
		for (size_t k = 0; k < COUNT(rules); k++) {
			size_t sign = i + strlen(rules[k].keyword);

			if (!begins_with(m, i, rules[k].keyword) || sign >= m->size ||
			    memchr(rules[k].signs, m->text[sign], strlen(rules[k].signs)) == NULL)
				continue;
			*f = (struct redactor_fields){
				.rule = &rules[k],
				.base = rules[k].after_numbers ? -1 : 0,
			};
			hide_fields(f, m, sign + 1);
		}
	}
}

static void begin_mask(struct masked *m, const void *in, size_t size)
{
	m->text = in;
	m->size = size < REDACTOR_LINE_MAX ? size : REDACTOR_LINE_MAX;
	memset(m->hide, 0, m->size);
}

/* Copy M with three stars in place of every hidden run. */
static size_t render(char *out, size_t out_size, const struct masked *m)
{
	size_t used = 0;
	bool hidden = false;

	assert(out_size > 0);
	for (size_t i = 0; i < m->size; i++) {
		bool first = m->hide[i] && !hidden;

		hidden = m->hide[i];
		for (int stars = first ? 3 : 0; stars > 0 && used + 1 < out_size; stars--)
			out[used++] = '*';
		if (!hidden && used + 1 < out_size)
			out[used++] = m->text[i];
	}
	out[used] = '\0';
	return used;
}

size_t redact(struct redactor *r, char *out, size_t out_size, const void *in,
	      size_t size)
{
	struct masked m;

	begin_mask(&m, in, size);
	for (size_t k = 0; k < r->count; k++)
		hide_secret(r, k, &m);
	hide_userinfo(&m);
	hide_rules(r, &m);
	return render(out, out_size, &m);
}

size_t redact_url(char *out, size_t out_size, const char *in)
{
	struct masked m;

	begin_mask(&m, in, strlen(in));
	hide_userinfo(&m);
	return render(out, out_size, &m);
}
