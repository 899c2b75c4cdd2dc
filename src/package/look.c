#include "config.h"

#include "package/look.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/count.h"
#include "base/text.h"

/* Bytes without any control byte are text: of so many random ones none has 1e-13 chances. */
#define TEXT_LEAST 256
/* No package is smaller: it holds at least the version that it is for, or nobody
 * could find it to be of another (END 507, 552, 553), and that is 16 bytes and more
 * (protocol.md 5.3, 10; assumption). Of what has no mark nothing else is said then. */
#define TINY_LEAST 16

void look_begin(struct look_scan *s)
{
	memset(s, 0, sizeof(*s));
	s->same = s->text = true;
}

void look_feed(struct look_scan *s, const void *bytes, size_t size)
{
	const unsigned char *from = bytes;
	size_t room = sizeof(s->head) - s->head_size;

	if (size == 0)
		return;
	if (s->size == 0)
		s->first = from[0];
	memcpy(s->head + s->head_size, from, size < room ? size : room);
	s->head_size += size < room ? size : room;
	s->size += size;
	for (size_t i = 0; i < size && (s->same || s->text); i++) {
		unsigned char c = from[i];

		s->same &= c == s->first;
		s->text &= (c >= 0x20 && c != 0x7f) || (c != 0 && strchr("\t\n\f\r\x1a", c));
	}
	for (size_t i = size; s->text && i > 0; i--)
		if (from[i - 1] > ' ') {
			s->last = (char)from[i - 1];
			break;
		}
}

/* --- by what it begins with --- */

/* "PE" stands where the number at 0x3c points. */
static bool is_windows_program(const struct look_scan *s)
{
	const unsigned char *h = (const unsigned char *)s->head;
	size_t at;

	if (s->head_size < 0x40)
		return false;
	at = h[0x3c] | (size_t)h[0x3d] << 8 | (size_t)h[0x3e] << 16 | (size_t)h[0x3f] << 24;
	return at < s->head_size - 4 && memcmp(h + at, "PE\0\0", 4) == 0;
}

/* Flags that are not assigned, RFC 1952 2.3.1. */
static bool is_gzip(const struct look_scan *s)
{
	return s->head_size > 10 && (s->head[3] & 0xe0) == 0;
}

static bool is_elf(const struct look_scan *s)
{
	return s->head_size > 6 && (s->head[4] == 1 || s->head[4] == 2) && (s->head[5] == 1 || s->head[5] == 2);
}

static bool is_jpeg(const struct look_scan *s)
{
	return s->head_size > 10 && (memcmp(s->head + 6, "JFIF", 4) == 0 || memcmp(s->head + 6, "Exif", 4) == 0);
}

#define MARK(text) text, sizeof(text) - 1

/* Marks of at least 24 bits, most of them of 32 and more. An archive or an image
 * may be the form of some family's package, so those are only doubtful; what no
 * module unpacks is no package. */
static const struct {
	size_t at;
	const char *mark;
	size_t size;
	bool (*check)(const struct look_scan *s);
	enum look_kind kind;
	bool certain;
	const char *format;
} marks[] = {
	{ 0, MARK("MZ"), is_windows_program, LOOK_PROGRAM, true, "Windows .exe" },
	{ 0, MARK("\x7f" "ELF"), is_elf, LOOK_PROGRAM, true, "ELF" },
	{ 0, MARK("%PDF-"), NULL, LOOK_DOCUMENT, true, "PDF" },
	{ 0, MARK("{\\rtf"), NULL, LOOK_DOCUMENT, true, "RTF" },
	{ 0, MARK("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), NULL, LOOK_DOCUMENT, true, "Microsoft Office" },
	{ 4, MARK("ftyp"), NULL, LOOK_DOCUMENT, true, "MP4" },
	{ 0, MARK("\xd4\xc3\xb2\xa1"), NULL, LOOK_DOCUMENT, true, "pcap" },
	{ 0, MARK("\x0a\x0d\x0d\x0a"), NULL, LOOK_DOCUMENT, true, "pcapng" },
	{ 0, MARK("SQLite format 3"), NULL, LOOK_DOCUMENT, true, "SQLite" },
	{ 0, MARK("\x89PNG\r\n\x1a\n"), NULL, LOOK_DOCUMENT, true, "PNG" },
	{ 0, MARK("GIF87a"), NULL, LOOK_DOCUMENT, true, "GIF" },
	{ 0, MARK("GIF89a"), NULL, LOOK_DOCUMENT, true, "GIF" },
	{ 0, MARK("\xff\xd8\xff"), is_jpeg, LOOK_DOCUMENT, true, "JPEG" },
	{ 0, MARK("7z\xbc\xaf\x27\x1c"), NULL, LOOK_ARCHIVE, true, "7z" },
	{ 0, MARK("Rar!\x1a\x07"), NULL, LOOK_ARCHIVE, true, "RAR" },
	{ 0, MARK("MSCF\0\0\0\0"), NULL, LOOK_ARCHIVE, true, "CAB" },
	{ 0, MARK("\x1f\x8b\x08"), is_gzip, LOOK_ARCHIVE, false, "gzip" },
	{ 0, MARK("PK\x03\x04"), NULL, LOOK_ARCHIVE, false, "zip" },
	{ 0, MARK("\xfd" "7zXZ\0"), NULL, LOOK_ARCHIVE, false, "xz" },
	{ 0, MARK("BZh"), NULL, LOOK_ARCHIVE, false, "bzip2" },
	{ 0, MARK("\x28\xb5\x2f\xfd"), NULL, LOOK_ARCHIVE, false, "zstd" },
	{ 257, MARK("ustar"), NULL, LOOK_ARCHIVE, false, "tar" },
	{ 0, MARK("\x04\x22\x4d\x18"), NULL, LOOK_ARCHIVE, false, "lz4" },
	{ 0, MARK("070701"), NULL, LOOK_ARCHIVE, false, "cpio" },
	{ 0, MARK("!<arch>\n"), NULL, LOOK_ARCHIVE, true, "ar, a Debian package or a library" },
	{ 0, MARK("\xed\xab\xee\xdb"), NULL, LOOK_ARCHIVE, true, "RPM" },
	{ 0, MARK("\x27\x05\x19\x56"), NULL, LOOK_IMAGE, false, "uImage" },
	{ 0, MARK("\xd0\x0d\xfe\xed"), NULL, LOOK_IMAGE, false, "FIT or device tree" },
	{ 0, MARK("ANDROID!"), NULL, LOOK_IMAGE, false, "Android boot image" },
	{ 0, MARK("\x3a\xff\x26\xed"), NULL, LOOK_IMAGE, false, "Android sparse image" },
	{ 0, MARK("hsqs"), NULL, LOOK_IMAGE, false, "squashfs" },
	{ 0, MARK("sqsh"), NULL, LOOK_IMAGE, false, "squashfs" },
	{ 0, MARK("\x45\x3d\xcd\x28"), NULL, LOOK_IMAGE, false, "cramfs" },
	{ 0, MARK("UBI#"), NULL, LOOK_IMAGE, false, "UBI" },
	{ 0, MARK("\x31\x18\x10\x06"), NULL, LOOK_IMAGE, false, "UBIFS" },
	{ 0, MARK("HTTP/1."), NULL, LOOK_TEXT, true, "an HTTP answer, headers and all" },
	{ 0, MARK("Content-Type: "), NULL, LOOK_TEXT, true, "mail, or a part of it" },
	{ 0, MARK("L\0\0\0\x01\x14\x02\0"), NULL, LOOK_POINTER, true, "Windows .lnk" },
};

/* --- by its text --- */

/* All lines, as far as they are whole, are FIRST and hexadecimal digits. */
static bool is_hex(const char *text, const char *first)
{
	size_t lines = 0;

	while (*text) {
		size_t size = strcspn(text, "\r\n");

		if (text[size] == '\0')
			break;
		if (!strchr(first, text[0]) || size < 4)
			return false;
		for (size_t i = 1; i < size; i++)
			if (!isxdigit((unsigned char)text[i]))
				return false;
		lines++;
		text += size + strspn(text + size, "\r\n");
	}
	return lines > 0;
}

#define HTML_ROW 0
/* How texts begin, whatever the case of letters. The first row that fits counts. */
static const struct {
	const char *begin;
	enum look_kind kind;
	const char *format;
} texts[] = {
	{ "<!doctype html", LOOK_PAGE, "HTML" },
	{ "<html", LOOK_PAGE, "HTML" },
	{ "<head", LOOK_PAGE, "HTML" },
	{ "<body", LOOK_PAGE, "HTML" },
	{ "<script", LOOK_PAGE, "HTML" },
	{ "<meta", LOOK_PAGE, "HTML" },
	{ "<?xml", LOOK_TEXT, "XML" },
	{ "<svg", LOOK_DOCUMENT, "SVG" },
	{ "version https://git-lfs", LOOK_POINTER, "Git LFS" },
	{ "[InternetShortcut]", LOOK_POINTER, "Windows .url" },
	{ "[Desktop Entry]", LOOK_POINTER, ".desktop" },
	{ "From ", LOOK_TEXT, "mbox" },
	{ "Return-Path:", LOOK_TEXT, "mail" },
	{ "Received:", LOOK_TEXT, "mail" },
	{ "MIME-Version:", LOOK_TEXT, "mail" },
	{ "-----BEGIN ", LOOK_TEXT, "PEM" },
	{ "begin 6", LOOK_TEXT, "uuencode" },
};

/* The words between <title> and </title>. */
static void find_title(const char *text, char out[LOOK_TITLE])
{
	const char *from = strcasestr(text, "<title"), *end;
	size_t used = 0;

	from = from ? strchr(from, '>') : NULL;
	end = from ? strcasestr(from, "</title") : NULL;
	for (from = from ? from + 1 : NULL; end && from < end && used + 1 < LOOK_TITLE; from++)
		if (!isspace((unsigned char)*from) || (used > 0 && out[used - 1] != ' '))
			out[used++] = isspace((unsigned char)*from) ? ' ' : *from;
	out[used] = '\0';
}

/* Its begin, all of a short one. */
static bool is_utf8(const struct look_scan *s)
{
	uint32_t c;

	for (size_t i = 0, size; i < s->head_size; i += size)
		if ((size = text_decode(s->head + i, s->head_size - i, &c)) == 0)
			return false;
	return true;
}

static void judge_text(const struct look_scan *s, bool whole, const char *text, struct look *out)
{
	size_t i = 0;

	out->certain = true;
	while (i < COUNT(texts) && strncasecmp(text, texts[i].begin, strlen(texts[i].begin)) != 0)
		i++;
	if (*text == '<' && strcasestr(text, "<html"))	/* behind a comment, or as XHTML */
		i = HTML_ROW;
	if (i < COUNT(texts)) {
		out->kind = texts[i].kind;
		out->format = texts[i].format;
	} else if (is_hex(text, ":")) {
		out->kind = LOOK_HEX;
		out->format = "Intel HEX";
	} else if (is_hex(text, "S")) {
		out->kind = LOOK_HEX;
		out->format = "S-record";
	} else if (s->size < TINY_LEAST || (s->size < TEXT_LEAST && !is_utf8(s))) {
		out->certain = false;
	} else {
		bool json = (*text == '{' && s->last == '}') || (*text == '[' && s->last == ']');

		out->kind = LOOK_TEXT;
		out->format = json && whole ? "JSON" : *text == '<' && isalpha((unsigned char)text[1]) ? "HTML or XML" : "plain text";
		/* its begin alone may be the heading of something else */
		out->certain = whole;
	}
	if (out->kind == LOOK_PAGE)
		find_title(text, out->title);
}

/* Every second byte is zero and the others are text: UTF-16 in one of its orders. */
static bool is_wide(const struct look_scan *s)
{
	const unsigned char *h = (const unsigned char *)s->head;
	bool marked = s->head_size >= 2 && ((h[0] == 0xff && h[1] == 0xfe) || (h[0] == 0xfe && h[1] == 0xff));
	size_t zero[2] = { 0, 0 }, pairs = s->head_size / 2;

	for (size_t i = 0; i < 2 * pairs; i++)
		zero[i % 2] += h[i] == 0;
	/* texts of other scripts have few zeros, so only with the mark */
	if (marked)
		return pairs >= 4 && (zero[0] * 4 >= pairs * 3 || zero[1] * 4 >= pairs * 3);
	return pairs >= TINY_LEAST && ((zero[0] == pairs && zero[1] == 0) || (zero[1] == pairs && zero[0] == 0));
}

struct look look_end(const struct look_scan *s, bool whole)
{
	struct look out = { .kind = LOOK_UNKNOWN, .format = "" };
	char text[sizeof(s->head) + 1];
	const char *from = text;

	for (size_t i = 0; i < COUNT(marks); i++)
		if (s->head_size >= marks[i].at + marks[i].size &&
		    memcmp(s->head + marks[i].at, marks[i].mark, marks[i].size) == 0 &&
		    (!marks[i].check || marks[i].check(s)))
			return (struct look){ marks[i].kind, marks[i].certain, marks[i].format, "" };
	/* much begins with zeros */
	if (s->same && s->size >= TINY_LEAST && whole)
		return (struct look){ LOOK_FILLED, true, "", "" };
	if (is_wide(s))
		return (struct look){ LOOK_TEXT, true, "UTF-16", "" };
	memcpy(text, s->head, s->head_size);
	text[s->head_size] = '\0';
	if (strncmp(from, "\xef\xbb\xbf", 3) == 0)
		from += 3;
	from += strspn(from, " \t\r\n");
	/* a page with a broken byte in it is one all the same */
	if (s->text || strncasecmp(from, "<!doctype html", 14) == 0 || strncasecmp(from, "<html", 5) == 0)
		judge_text(s, whole, from, &out);
	if (!out.certain && whole && s->size > 0 && s->size < TINY_LEAST)
		return (struct look){ LOOK_TINY, true, "", "" };
	return out;
}

int look_refuse(const struct look *look, const char *name, struct err *e)
{
	static const enum message_id ids[] = {
		[LOOK_UNKNOWN] = MSG_NONE,
		[LOOK_PAGE] = MSG_PACKAGE_IS_PAGE,
		[LOOK_TEXT] = MSG_PACKAGE_IS_TEXT,
		[LOOK_HEX] = MSG_PACKAGE_IS_HEX,
		[LOOK_PROGRAM] = MSG_PACKAGE_IS_PROGRAM,
		[LOOK_DOCUMENT] = MSG_PACKAGE_IS_DOCUMENT,
		[LOOK_ARCHIVE] = MSG_PACKAGE_IS_ARCHIVE,
		[LOOK_POINTER] = MSG_PACKAGE_IS_POINTER,
		[LOOK_FILLED] = MSG_PACKAGE_IS_FILLED,
		[LOOK_IMAGE] = MSG_NONE,
		[LOOK_TINY] = MSG_PACKAGE_IS_TINY,
	};

	if (!look->certain || look->kind == LOOK_UNKNOWN)
		return 0;
	return err_fail(e, ids[look->kind], "name=%s format=%s title=%s", name, look->format, look->title);
}
