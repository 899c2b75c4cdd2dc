#include "config.h"

#include "ui/model/field.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/text.h"
#include "ui/term/cells.h"

void history_add(struct history *h, const char *text)
{
	char *copy;

	if (!*text || (h->count && !strcmp(h->items[h->count - 1], text)))
		return;
	copy = strdup(text);
	if (!copy)
		return;	/* a line less to go back to */
	if (h->count == HISTORY_COUNT) {
		free(h->items[0]);
		memmove(h->items, h->items + 1, sizeof(h->items) - sizeof(h->items[0]));
		h->count--;
	}
	h->items[h->count++] = copy;
}

void history_free(struct history *h)
{
	while (h->count)
		free(h->items[--h->count]);
}

static void set_text(struct field *f, const char *text)
{
	size_t size = strnlen(text, f->room - 1);

	memmove(f->text, text, size);
	f->text[size] = '\0';
	f->cursor = size;
}

void field_begin(struct field *f, const char *text, size_t room)
{
	memset(f, 0, sizeof(*f));
	f->room = room < FIELD_SIZE ? room : FIELD_SIZE;
	set_text(f, text);
}

void field_use_history(struct field *f, const struct history *h)
{
	f->history = h;
	f->history_at = h->count;
}

void field_wipe(struct field *f)
{
	explicit_bzero(f, sizeof(*f));
}

/* Remove the bytes from FROM to TO; the cursor ends up at FROM. */
static void cut(struct field *f, size_t from, size_t to)
{
	memmove(f->text + from, f->text + to, strlen(f->text + to) + 1);
	f->cursor = from;
}

static bool insert(struct field *f, const char *bytes, size_t size)
{
	size_t length = strlen(f->text);

	if (length + size >= f->room)
		return false;
	memmove(f->text + f->cursor + size, f->text + f->cursor, length - f->cursor + 1);
	memcpy(f->text + f->cursor, bytes, size);
	f->cursor += size;
	return true;
}

/* Where the word before the cursor begins; a slash alone is one. */
static size_t word_before(const struct field *f)
{
	size_t from = f->cursor;

	while (from && f->text[from - 1] == ' ')
		from--;
	while (from && f->text[from - 1] != ' ' && f->text[from - 1] != '/')
		from--;
	return from == f->cursor && from ? from - 1 : from;
}

/* Where the word after the cursor ends. */
static size_t word_after(const struct field *f)
{
	size_t to = f->cursor;

	while (f->text[to] == ' ' || f->text[to] == '/')
		to++;
	while (f->text[to] && f->text[to] != ' ' && f->text[to] != '/')
		to++;
	return to;
}

static void go_in_history(struct field *f, bool back)
{
	if (!f->history)
		return;
	if (back ? f->history_at == 0 : f->history_at == f->history->count)
		return;
	if (f->history_at == f->history->count)
		memcpy(f->typed, f->text, sizeof(f->typed));
	f->history_at += back ? (size_t)-1 : 1;
	set_text(f, f->history_at == f->history->count ? f->typed : f->history->items[f->history_at]);
}

void field_expand_home(struct field *f)
{
	const char *home = getenv("HOME");

	if (strncmp(f->text, "~/", 2) || !home || !*home)
		return;
	if (strlen(f->text) - 1 + strlen(home) >= f->room)
		return;
	cut(f, 0, 1);
	insert(f, home, strlen(home));
	f->cursor = strlen(f->text);
}

/* What completing collects: the part all names share, and the names. */
struct completion {
	char common[FIELD_SIZE];
	size_t common_size;
	size_t count;
	bool directory;		/* of the one found */
	const char *word;	/* the one found, spelled as it is known */
};

static void list_name(struct field *f, const char *name, bool directory)
{
	size_t used = strlen(f->list);
	char safe[FIELD_SIZE];

	text_safe_str(safe, sizeof(safe), name);
	if (used + strlen(safe) + 4 > sizeof(f->list))
		return;
	if (used)
		strcat(f->list, "  ");
	strcat(f->list, safe);
	if (directory)
		strcat(f->list, "/");
}

static bool is_directory(int dir_fd, const struct dirent *entry)
{
	struct stat st;

	if (entry->d_type != DT_LNK && entry->d_type != DT_UNKNOWN)
		return entry->d_type == DT_DIR;
	return !fstatat(dir_fd, entry->d_name, &st, 0) && S_ISDIR(st.st_mode);
}

static void take_name(struct completion *c, const char *name)
{
	size_t same = 0;

	if (!c->count) {
		c->common_size = strnlen(name, sizeof(c->common) - 1);
		memcpy(c->common, name, c->common_size);
		return;
	}
	while (same < c->common_size && c->common[same] == name[same])
		same++;
	c->common_size = same;
}

/* Collect the names in the directory of the text before the cursor that begin
 * with what stands after its last slash. */
static void collect(struct field *f, struct completion *c)
{
	char path[FIELD_SIZE];
	const char *slash;
	size_t directory_size, start_size;
	struct dirent *entry;
	DIR *dir;

	memcpy(path, f->text, f->cursor);
	path[f->cursor] = '\0';
	slash = strrchr(path, '/');
	directory_size = slash ? (size_t)(slash - path) + 1 : 0;
	start_size = f->cursor - directory_size;
	path[directory_size] = '\0';
	dir = opendir(directory_size ? path : ".");
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (strncmp(entry->d_name, f->text + directory_size, start_size))
			continue;
		if (!start_size && entry->d_name[0] == '.')
			continue;
		c->directory = is_directory(dirfd(dir), entry);
		take_name(c, entry->d_name);
		c->count++;
		list_name(f, entry->d_name, c->directory);
	}
	closedir(dir);
	/* A character cut in two is no common part. */
	while (c->common_size && (c->common[c->common_size - 1] & 0x80) &&
	       cells_before(c->common, c->common_size) == 1)
		c->common_size--;
	c->common_size = c->common_size > start_size ? c->common_size - start_size : 0;
	memmove(c->common, c->common + start_size, c->common_size);
}

/* Is WORD another way to go on with what stands before the cursor? */
static void try_word(struct field *f, struct completion *c, const char *word)
{
	if (strncasecmp(word, f->text, f->cursor) != 0 || strlen(word) == f->cursor)
		return;
	take_name(c, word + f->cursor);
	c->word = word;
	c->count++;
	list_name(f, word, false);
}

static bool is_word(const struct field *f, const char *text)
{
	for (size_t i = 0; f->word(i); i++)
		if (!strcasecmp(f->word(i), text))
			return true;
	return false;
}

static void collect_words(struct field *f, struct completion *c)
{
	for (size_t i = 0; f->word(i); i++)
		try_word(f, c, f->word(i));
	for (size_t i = f->history ? f->history->count : 0; i-- > 0;)
		if (!is_word(f, f->history->items[i]))
			try_word(f, c, f->history->items[i]);
}

/* The first Tab adds what all names share; one that adds nothing lists them. */
static void complete(struct field *f)
{
	struct completion c = { .count = 0 };
	bool added;

	f->proposed = false;
	f->list[0] = '\0';
	if (f->word) {
		collect_words(f, &c);
	} else {
		field_expand_home(f);
		collect(f, &c);
	}
	added = c.common_size && insert(f, c.common, c.common_size);
	if (added && c.word && c.count == 1 && !f->text[f->cursor])
		set_text(f, c.word);
	if (c.count == 1 && c.directory && f->text[f->cursor] != '/')
		added |= insert(f, "/", 1);
	if (added || c.count < 2)
		f->list[0] = '\0';
}

static void move_or_cut(struct field *f, int code)
{
	size_t before = cells_before(f->text, f->cursor);
	size_t letter = cells_letter(f->text + f->cursor).size;

	switch (code) {
	case K_HOME: case K_CTRL_A:
		f->cursor = 0;
		break;
	case K_END: case K_CTRL_E:
		f->cursor = strlen(f->text);
		break;
	case K_LEFT:
		f->cursor -= before;
		break;
	case K_RIGHT:
		f->cursor += letter;
		break;
	case K_BACKSPACE:
		cut(f, f->cursor - before, f->cursor);
		break;
	case K_DELETE:
		cut(f, f->cursor, f->cursor + letter);
		break;
	case K_CTRL_U:
		cut(f, 0, f->cursor);
		break;
	case K_CTRL_K:
		cut(f, f->cursor, strlen(f->text));
		break;
	case K_CTRL_W:
		cut(f, word_before(f), f->cursor);
		break;
	case K_CTRL_LEFT:
		f->cursor = word_before(f);
		break;
	case K_CTRL_RIGHT:
		f->cursor = word_after(f);
		break;
	case K_UP:
		go_in_history(f, true);
		break;
	case K_DOWN:
		go_in_history(f, false);
		break;
	default:
		break;
	}
}

enum field_result field_key(struct field *f, const struct key *key)
{
	char bytes[4];
	size_t size;

	if (key->code == K_TAB && (f->file || f->word) && !key->pasted) {
		complete(f);
		return FIELD_GOES_ON;
	}
	f->list[0] = '\0';
	if (key->code == K_ENTER || key->code == K_TAB) {
		if (key->pasted)
			return FIELD_GOES_ON;
		return key->code == K_ENTER ? FIELD_DONE : FIELD_NEXT;
	}
	if (key->code == K_ESC || key->code == K_CTRL_C || key->code == K_CTRL_G)
		return FIELD_LEFT;
	if (key->code < ' ' || key->code >= K_UP) {
		f->proposed = false;
		move_or_cut(f, key->code);
		return FIELD_GOES_ON;
	}
	size = cells_encode(bytes, key->code);
	if (size && f->proposed)
		set_text(f, "");
	f->proposed = false;
	if (size)
		insert(f, bytes, size);
	return FIELD_GOES_ON;
}
