#include "config.h"

#include "protocol/who.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"
#include "base/version.h"
#include "protocol/profile.h"

#define IMEI_DIGITS 15
#define SV_DIGITS 2		/* of the software version */
#define IMEISV_DIGITS (IMEI_DIGITS - 1 + SV_DIGITS)
/* Of what is asked for or has a name, and of a word in the middle of ATI's
 * lines: longer than any model's name, shorter than any version that was seen. */
#define VERSION_MIN 4
#define VERSION_ALONE_MIN 10
#define CANDIDATES 48
#define RANK_MODEL 100
#define RANK_AGREED 10

/* 3GPP TS 23.003, annex B: of 14 digits. */
static char check_digit(const char *digits)
{
	int sum = 0;

	for (int i = 0; i < IMEI_DIGITS - 1; i++) {
		int d = (digits[i] - '0') * (i % 2 ? 2 : 1);

		sum += d / 10 + d % 10;
	}
	return (char)('0' + (10 - sum % 10) % 10);
}

/* The next run of digits in LINE from *AT on, with single hyphens in it as
 * 3GPP groups them. How many there are; at most SIZE are kept. */
static size_t next_digits(struct slice line, size_t *at, char *out, size_t size)
{
	size_t count = 0;

	while (*at < line.size && !at_is_digit(line.data[*at]))
		++*at;
	for (; *at < line.size; ++*at) {
		char c = line.data[*at];

		if (c == '-' && *at + 1 < line.size && at_is_digit(line.data[*at + 1]))
			continue;
		if (!at_is_digit(c))
			break;
		if (count < size)
			out[count] = c;
		count++;
	}
	return count;
}

static bool zeros(const char *digits, size_t count)
{
	for (size_t i = 0; i < count && i < IMEI_DIGITS - 1; i++)
		if (digits[i] != '0')
			return false;
	return true;
}

bool who_imei(struct slice line, char imei[IMEI_SIZE])
{
	char digits[IMEISV_DIGITS];
	bool found = false;
	size_t at = 0, count;

	while ((count = next_digits(line, &at, digits, sizeof(digits))) > 0) {
		if (zeros(digits, count))
			continue;	/* not there yet */
		/* 17: the IMEI and the version behind it */
		if (count != IMEISV_DIGITS && ((count != IMEI_DIGITS && count != IMEI_DIGITS + SV_DIGITS) ||
					       digits[IMEI_DIGITS - 1] != check_digit(digits)))
			continue;
		memcpy(imei, digits, IMEI_DIGITS - 1);
		imei[IMEI_DIGITS - 1] = check_digit(digits);
		imei[IMEI_DIGITS] = '\0';
		found = true;
	}
	return found;
}

bool who_same_imei(const char *a, const char *b)
{
	return strlen(a) >= IMEI_DIGITS - 1 && strncmp(a, b, IMEI_DIGITS - 1) == 0;
}

bool who_version_of(const char *version, const char *model)
{
	if (!*model)
		return false;
	for (;;) {
		while (*version && !isalnum((unsigned char)*version))
			version++;
		while (*model && !isalnum((unsigned char)*model))
			model++;
		if (!*model)	/* EC20 is no EC200U, EG91 no EG915N */
			return !isdigit((unsigned char)*version) && strpbrk(version, "0123456789") != NULL;
		if (tolower((unsigned char)*version++) != tolower((unsigned char)*model++))
			return false;
	}
}

/* "Revision: UG96LNAR02A06E1G" into its name and its value; a line that has no
 * name is a value alone. */
static struct slice value_of(struct slice line, struct slice *name)
{
	size_t i = 0;

	line = slice_trim(line);
	*name = (struct slice){line.data, 0};
	while (i < line.size && (isalpha((unsigned char)line.data[i]) || memchr("+ _", line.data[i], 3)))
		i++;
	if (i == 0 || i == line.size || line.data[i] != ':')
		return line;
	*name = (struct slice){line.data, i};
	return slice_trim((struct slice){line.data + i + 1, line.size - i - 1});
}

static bool is_called(struct slice name, const char *text)
{
	return name.size == strlen(text) && strncasecmp(name.data, text, name.size) == 0;
}

/* A name of printable ASCII without blanks into OUT; false: not one, or longer than fits. */
static bool copy_word(char *out, size_t out_size, struct slice word)
{
	if (word.size == 0 || word.size >= out_size)
		return false;
	for (size_t i = 0; i < word.size; i++)
		if (word.data[i] < 0x21 || word.data[i] > 0x7e)
			return false;
	slice_copy(out, out_size, word);
	return true;
}

static bool is_between(char c, bool part)
{
	return c == ' ' || c == '\t' || c == '"' || c == ',' || (part && !isalnum((unsigned char)c) && c != '-');
}

/* The next word of TEXT from *AT on; with PARTS, of what may stand in the name of a model. */
static bool next_word(struct slice text, bool parts, size_t *at, struct slice *word)
{
	size_t begin;

	while (*at < text.size && is_between(text.data[*at], parts))
		++*at;
	begin = *at;
	while (*at < text.size && !is_between(text.data[*at], parts))
		++*at;
	*word = (struct slice){text.data + begin, *at - begin};
	return word->size > 0;
}

/* Words that may be a version. */
struct candidates {
	struct candidate {
		enum who_source source;
		bool named;	/* asked for, or of a field: not any word that stands there */
		char word[VERSION_SIZE];
	} list[CANDIDATES];
	size_t count;
};

/* Zeros in the place of what is not ready yet, or a number of another kind. */
static bool is_nothing(const char *word)
{
	return strspn(word, "0._-") == strlen(word) || strspn(word, "0123456789") == strlen(word);
}

static void add_candidate(struct candidates *c, enum who_source source, bool named, struct slice word)
{
	struct candidate *new = &c->list[c->count];
	char imei[IMEI_SIZE];

	if (c->count == CANDIDATES || word.size < (named ? VERSION_MIN : VERSION_ALONE_MIN) ||
	    !copy_word(new->word, sizeof(new->word), word) || who_imei(word, imei) || is_nothing(new->word))
		return;
	new->source = source;
	new->named = named;
	c->count++;
}

/* The names of messages that come unasked begin with a sign; of the answers to
 * these questions they end in GMR. */
static bool is_of_another(struct slice name)
{
	return name.size > 0 && !isalpha((unsigned char)name.data[0]) &&
		!(name.size >= 3 && strncasecmp(name.data + name.size - 3, "GMR", 3) == 0);
}

/* ATI says more than a version: it is a field, or longer than what else stands there. */
static void add_from_ati(struct candidates *c, struct slice line)
{
	struct slice name, value = value_of(line, &name), word;
	bool named = name.size > 0;
	size_t at = 0;

	if (is_of_another(name))
		return;
	while (next_word(value, false, &at, &word)) {
		if (word.data[word.size - 1] == ':')	/* "Quectel UG96 Revision: ..." */
			named = true;
		else
			add_candidate(c, WHO_ATI, named, word);
	}
}

/* One word and nothing else: a sentence is no answer. */
static void add_from_plain(struct candidates *c, enum who_source source, struct slice line)
{
	struct slice name, value = value_of(line, &name), word;
	size_t at = 0;

	if (!is_of_another(name) && next_word(value, false, &at, &word) && word.size + 2 >= value.size &&
	    (isalnum((unsigned char)word.data[0]) || memchr("./", word.data[0], 2)))
		add_candidate(c, source, true, word);
}

static void find_candidates(const struct who_said said[WHO_SOURCES], struct candidates *c)
{
	static const enum who_source plain[] = {WHO_CGMR, WHO_QGMR};

	c->count = 0;
	for (size_t i = 0; i < said[WHO_ATI].count; i++)
		add_from_ati(c, said[WHO_ATI].lines[i]);
	for (size_t s = 0; s < COUNT(plain); s++)
		for (size_t i = 0; i < said[plain[s]].count; i++)
			add_from_plain(c, plain[s], said[plain[s]].lines[i]);
}

static bool holds(struct slice whole, const char *word)
{
	return memmem(whole.data, whole.size, word, strlen(word)) != NULL;
}

/* Does a version that was asked for, or has its name, begin with MODEL, which
 * stands in WHOLE, another word? */
static bool begins_version(const struct candidates *c, const char *model, struct slice whole)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].named && !holds(whole, c->list[i].word) && who_version_of(c->list[i].word, model))
			return true;
	return false;
}

/* Is WORD itself one of the versions, or the base of one? */
static bool is_version(const struct candidates *c, const char *word)
{
	for (size_t i = 0; i < c->count; i++)
		if (version_compare(c->list[i].word, word) != VERSION_OTHER)
			return true;
	return false;
}

static bool is_model_like(const char *word)
{
	return isalpha((unsigned char)word[0]) && strpbrk(word, "0123456789");
}

/* How surely WORD is the model: a profile knows it and the version begins with
 * it; it is known; the version begins with it, the longer the better. */
static size_t model_rank(const struct candidates *c, const char *word, struct slice whole, const char *known)
{
	bool begins = begins_version(c, word, whole);

	if (known)
		return begins ? 2 * MODEL_SIZE + 1 : 2 * MODEL_SIZE;
	return begins && is_model_like(word) && !is_version(c, word) ? strlen(word) : 0;
}

static void find_model_in(const struct candidates *c, struct slice whole, size_t *rank, char out[MODEL_SIZE])
{
	struct slice word;
	size_t at = 0;

	while (next_word(whole, true, &at, &word)) {
		char text[MODEL_SIZE];
		const char *known;
		size_t r;

		if (!copy_word(text, sizeof(text), word))
			continue;
		known = profile_model(text);
		r = model_rank(c, text, whole, known);
		if (r > *rank) {
			*rank = r;
			snprintf(out, MODEL_SIZE, "%s", known ? known : text);
		}
	}
}

/* A model that no profile knows and no version begins with: AT+CGMM and ATI
 * agree on it, or it is a field of that name. */
static bool is_also_said(const struct who_said *said, struct slice value)
{
	for (size_t i = 0; i < said->count; i++) {
		struct slice name, other = value_of(said->lines[i], &name);

		if (other.size == value.size && memcmp(other.data, value.data, value.size) == 0)
			return true;
	}
	return false;
}

static void find_named_model(const struct who_said said[WHO_SOURCES], char out[MODEL_SIZE])
{
	for (size_t i = 0; i < said[WHO_ATI].count; i++) {
		struct slice name, value = value_of(said[WHO_ATI].lines[i], &name);
		char text[MODEL_SIZE];

		if ((is_called(name, "Model") || is_also_said(&said[WHO_CGMM], value)) &&
		    copy_word(text, sizeof(text), value) && is_model_like(text))
			memcpy(out, text, MODEL_SIZE);
	}
}

/* Is there a line that may be the name of a model, if an unknown one? */
static bool names_another(const struct who_said *ati)
{
	for (size_t i = 0; i < ati->count; i++) {
		struct slice line = slice_trim(ati->lines[i]), word;
		char text[MODEL_SIZE];
		size_t at = 0;

		if (next_word(line, true, &at, &word) && word.size == line.size &&
		    copy_word(text, sizeof(text), word) && is_model_like(text))
			return true;
	}
	return false;
}

/* No question was answered with a model: a version that begins with one that is
 * known, and says a whole version more. */
static void find_model_of_version(const struct candidates *c, char out[MODEL_SIZE])
{
	const struct profile *p;

	for (size_t row = 0; (p = profile_row(row)) && !out[0]; row++)
		for (size_t m = 0; p->models[m] && !out[0]; m++)
			for (size_t i = 0; i < c->count; i++)
				if (c->list[i].source != WHO_ATI && strlen(c->list[i].word) >= VERSION_ALONE_MIN &&
				    who_version_of(c->list[i].word, p->models[m]))
					snprintf(out, MODEL_SIZE, "%s", p->models[m]);
}

static void find_model(const struct who_said said[WHO_SOURCES], const struct candidates *c, char out[MODEL_SIZE])
{
	static const enum who_source sources[] = {WHO_ATI, WHO_CGMM};
	size_t rank = 0;

	out[0] = '\0';
	for (size_t s = 0; s < COUNT(sources); s++)
		for (size_t i = 0; i < said[sources[s]].count; i++) {
			struct slice whole;
			size_t at = 0;

			while (next_word(said[sources[s]].lines[i], false, &at, &whole))
				find_model_in(c, whole, &rank, out);
		}
	if (!out[0])
		find_named_model(said, out);
	if (!out[0] && !names_another(&said[WHO_ATI]))
		find_model_of_version(c, out);
}

/* Do two sources say the same? A word that merely stands in both is no version:
 * ATI names it, or AT+QGMR says its sub-version as well. */
static bool agree(const struct candidate *a, const struct candidate *b)
{
	return a->named && b->named && a->source != b->source && version_compare(a->word, b->word) != VERSION_OTHER &&
		(a->source == WHO_ATI || b->source == WHO_ATI || *version_sub(a->word) || *version_sub(b->word));
}

/* By how many other sources INDEX is said as well. */
static int agreement(const struct candidates *c, size_t index)
{
	bool by[WHO_SOURCES] = {false};
	int count = 0;

	for (size_t i = 0; i < c->count; i++)
		by[c->list[i].source] |= agree(&c->list[i], &c->list[index]);
	for (int s = 0; s < WHO_SOURCES; s++)
		count += by[s];
	return count;
}

/* How much INDEX counts: 0 not at all. First what begins with the model, then
 * more sources, then AT+CGMR, whose answer it is, then the later line. */
static int version_rank(const struct candidates *c, size_t index, const char *model)
{
	static const int of_source[WHO_SOURCES] = {[WHO_CGMR] = 3, [WHO_ATI] = 2, [WHO_QGMR] = 1};
	bool begins = who_version_of(c->list[index].word, model);
	int agreed = agreement(c, index);

	if (agreed == 0 && !begins)
		return 0;
	return begins * RANK_MODEL + agreed * RANK_AGREED + of_source[c->list[index].source];
}

static void find_lone_version(const struct candidates *c, struct who *who)
{
	for (size_t i = 0; i < c->count; i++)
		if (c->list[i].source == WHO_CGMR && strpbrk(c->list[i].word, "123456789"))
			snprintf(who->lone_version, sizeof(who->lone_version), "%s", c->list[i].word);
}

static void find_version(const struct candidates *c, struct who *who)
{
	const char *best = NULL, *full = NULL;
	int best_rank = 1;

	for (size_t i = 0; i < c->count; i++) {
		int rank = version_rank(c, i, who->model);

		if (rank >= best_rank) {
			best_rank = rank;
			best = c->list[i].word;
		}
	}
	if (!best) {
		find_lone_version(c, who);
		return;
	}
	full = best;
	for (size_t i = 0; i < c->count; i++) {
		const char *word = c->list[i].word;
		enum version_match match = version_compare(word, best);

		if (match == VERSION_OTHER) {
			if (best_rank % RANK_MODEL < RANK_AGREED && version_rank(c, i, who->model) > 0)
				snprintf(who->other_version, sizeof(who->other_version), "%s", word);
			continue;
		}
		if (!version_unready(word) && strlen(version_sub(word)) > strlen(version_sub(full)))
			full = word;
	}
	snprintf(who->version, sizeof(who->version), "%s", full);
}

static void find_maker(const struct who_said *ati, struct who *who)
{
	for (size_t i = 0; i < ati->count && !who->maker[0]; i++) {
		struct slice name, word, value = value_of(ati->lines[i], &name);
		size_t at = 0;

		if (!is_called(name, "Manufacturer") && !(value.size >= 7 && strncasecmp(value.data, "Quectel", 7) == 0))
			continue;
		/* alone in its line it is shown as it stands there; the model may stand behind it */
		next_word(value, true, &at, &word);
		if (!copy_word(who->maker, sizeof(who->maker), value) || strcasestr(who->maker, who->model))
			copy_word(who->maker, sizeof(who->maker), word);
	}
}

static void find_imei(const struct who_said said[WHO_SOURCES], struct who *who)
{
	for (size_t i = 0; i < said[WHO_ATI].count; i++) {
		struct slice name, value = value_of(said[WHO_ATI].lines[i], &name);

		if (is_called(name, "IMEI"))
			who_imei(value, who->imei);
	}
	for (size_t i = 0; i < said[WHO_GSN].count; i++) {
		struct slice line = slice_trim(said[WHO_GSN].lines[i]);
		char digits[IMEISV_DIGITS];
		size_t at = 0, count = 0, run;

		/* in whatever groups they stand */
		while ((run = next_digits(line, &at, digits, sizeof(digits))) > 0)
			count += run;
		if (!who_imei(line, who->imei) && count >= IMEI_DIGITS - 1)
			slice_copy(who->other_imei, sizeof(who->other_imei), line);
	}
}

void who_find(const struct who_said said[WHO_SOURCES], struct who *who)
{
	struct candidates candidates;

	memset(who, 0, sizeof(*who));
	find_candidates(said, &candidates);
	find_model(said, &candidates, who->model);
	find_version(&candidates, who);
	find_maker(&said[WHO_ATI], who);
	find_imei(said, who);
}
