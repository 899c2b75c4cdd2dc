#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/count.h"
#include "package/look.h"
#include "words.h"

static struct look look_at(const void *bytes, size_t size, bool whole)
{
	struct look_scan scan;

	look_begin(&scan);
	for (size_t i = 0; i < size; i += 7)	/* in any pieces */
		look_feed(&scan, (const char *)bytes + i, size - i < 7 ? size - i : 7);
	return look_end(&scan, whole);
}

#define T(text) text, sizeof(text) - 1
#define REST "\x80\0\x81\0\x82\0\x83\0\x84\0\x85\0\x86\0\x87\0\x88\0\x89\0\x8a\0\x8b\0\x8c"

static const struct {
	const char *bytes;
	size_t size;
	enum look_kind kind;
	bool certain;
	const char *words;
} looks[] = {
	{ T("\xef\xbb\xbf \n<!doctype HTML><title> Log\n in </title><form>"), LOOK_PAGE, true, "web page (HTML), with the title \"Log in \"" },
	{ T("<html><body>no</body></html>"), LOOK_PAGE, true, "web page" },
	{ T("<?xml version=\"1.0\"?>\n<!DOCTYPE html PUBLIC \"-//W3C\"><html><head><title>Hotel</title></head></html>"), LOOK_PAGE, true, "with the title \"Hotel\"" },
	{ T("\xef\xbb\xbf" "no such package, please ask at the desk"), LOOK_TEXT, true, "it looks like plain text" },
	{ T("\xe6\x96\x87\xe4\xbb\xb6\xe4\xb8\x8d\xe5\xad\x98\xe5\x9c\xa8\xef\xbc\x8c\xe8\xaf\xb7\xe8\x81\x94\xe7\xb3\xbb\xe5\xae\xa2"), LOOK_TEXT, true, "it looks like plain text" },
	{ T("\xd0\xa4\xd0\xb0\xd0\xb9\xd0\xbb \xd0\xbd\xd0\xb5 \xd0\xbd\xd0\xb0\xd0\xb9\xd0\xb4\xd0\xb5\xd0\xbd, 404.\n"), LOOK_TEXT, true, "it looks like plain text" },
	{ T("\0\0\0\x18" "ftypmp42\0\0\0\0mp42isom" REST), LOOK_DOCUMENT, true, "(MP4)" },
	{ T("\xd4\xc3\xb2\xa1\x02\0\x04\0\0\0\0\0" REST), LOOK_DOCUMENT, true, "(pcap)" },
	{ T("<!-- saved from --><html>x</html>"), LOOK_PAGE, true, "web page" },
	{ T("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>"), LOOK_TEXT, true, "it looks like XML" },
	{ T("{\"message\": \"Not Found\"}\n"), LOOK_TEXT, true, "it looks like JSON" },
	{ T("404: Not Found, sorry"), LOOK_TEXT, true, "it looks like plain text" },
	{ T("<div class=\"error\">no such file</div>"), LOOK_TEXT, true, "it looks like HTML or XML" },
	{ T("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"), LOOK_POINTER, true, "(Git LFS)" },
	{ T("[InternetShortcut]\r\nURL=http://h/d.bin\r\n"), LOOK_POINTER, true, "(Windows .url)" },
	{ T("L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0\0\0\0F"), LOOK_POINTER, true, "(Windows .lnk)" },
	{ T("From someone Mon Nov 30 00:00:00 2026\nSubject: the package\n"), LOOK_TEXT, true, "it looks like mbox" },
	{ T("-----BEGIN CERTIFICATE-----\nMIIB\n"), LOOK_TEXT, true, "it looks like PEM" },
	{ T(":020000040800F2\r\n:10000000000102030405060708090A0B0C0D0E0F78\r\n"), LOOK_HEX, true, "Intel HEX" },
	{ T("S00600004844521B\nS1130000285F245F2212226A000424290008237C2A\n"), LOOK_HEX, true, "S-record" },
	{ T("\x7f" "ELF\x01\x01\x01\0\0\0\0\0"), LOOK_PROGRAM, true, "(ELF)" },
	{ T("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), LOOK_DOCUMENT, true, "(PDF)" },
	{ T("\x89PNG\r\n\x1a\n\0\0\0\rIHDR"), LOOK_DOCUMENT, true, "(PNG)" },
	{ T("\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01"), LOOK_DOCUMENT, true, "(JPEG)" },
	{ T("HTTP/1.1 200 OK\r\nServer: x\r\n\r\n\x7f\x80\0"), LOOK_TEXT, true, "HTTP answer" },
	{ T("Content-Type: application/octet-stream\r\n\r\n\0\x80"), LOOK_TEXT, true, "mail" },
	{ T("Rar!\x1a\x07\x01\0\0\0\0\0"), LOOK_ARCHIVE, true, "(RAR)" },
	{ T("7z\xbc\xaf\x27\x1c\0\x04"), LOOK_ARCHIVE, true, "(7z)" },
	{ T("\x1f\x8b\x08\0\0\0\0\0\0\x03\x4b\x4c"), LOOK_ARCHIVE, false, NULL },
	{ T("PK\x03\x04\x14\0\0\0\x08\0"), LOOK_ARCHIVE, false, NULL },
	{ T("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"), LOOK_FILLED, true, "one byte again" },
	{ T("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"), LOOK_FILLED, true, "one byte again" },
	{ T("\xff\xfeH\0e\0l\0l\0o\0 \0t\0h\0e\0r\0e\0"), LOOK_TEXT, true, "it looks like UTF-16" },
	/* what may be a package */
	{ T("UG96\0\x01\x02\x03 a delta" REST), LOOK_UNKNOWN, false, NULL },
	{ T("MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0" REST), LOOK_UNKNOWN, false, NULL },
	{ T("\xff\xd8\xff\x01\x02\x03\x04\x05\x06\x07\x08\x09" REST), LOOK_UNKNOWN, false, NULL },
	{ T("\0" "2345678901234\x01\0"), LOOK_UNKNOWN, false, NULL },	/* as few as it can have */
	/* too few bytes for one */
	{ T("x"), LOOK_TINY, true, "it is too small" },
	{ T("\0"), LOOK_TINY, true, "it is too small" },
	{ T("abc"), LOOK_TINY, true, "it is too small" },
	{ T("MZ"), LOOK_TINY, true, "it is too small" },
	{ T("\0" "2345678901234\x01"), LOOK_TINY, true, "it is too small" },
	{ T(""), LOOK_UNKNOWN, false, NULL },	/* said before */
	/* images of a whole system */
	{ T("\x27\x05\x19\x56\x01\x02\x03\x04" REST), LOOK_IMAGE, false, NULL },
	{ T("hsqs\x07\0\0\0" REST), LOOK_IMAGE, false, NULL },
	{ T("sqsh\0\0\0\x07" REST), LOOK_IMAGE, false, NULL },
	{ T("\xd0\x0d\xfe\xed\0\0\x12\x34" REST), LOOK_IMAGE, false, NULL },
	{ T("UBI#\x01\0\0\0" REST), LOOK_IMAGE, false, NULL },
	{ T("!<arch>\ndebian-binary   1410122664" REST), LOOK_ARCHIVE, true, "Debian package" },
};

static void what_is_plainly_no_package_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(looks); i++) {
		struct look look = look_at(looks[i].bytes, looks[i].size, true);
		struct err e = { 0 };
		int result = look_refuse(&look, "d.bin", &e);

		if (look.kind != looks[i].kind || look.certain != looks[i].certain || (result < 0) != (looks[i].words != NULL))
			fail_msg("row %zu: kind %d, %s", i, (int)look.kind, look.format);
		if (looks[i].words && !strstr(err_read(&e), looks[i].words))
			fail_msg("row %zu: %s", i, err_read(&e));
		if (looks[i].words)
			assert_int_equal(e.code, ERR_PACKAGE);
	}
}

static void a_windows_program_has_both_of_its_marks(void **state)
{
	char bytes[128] = "MZ";

	(void)state;
	bytes[0x3c] = 0x48;
	memcpy(bytes + 0x48, "PE\0\0", 4);
	assert_int_equal(look_at(bytes, sizeof(bytes), true).kind, LOOK_PROGRAM);
	bytes[0x3f] = (char)0xff;
	assert_int_equal(look_at(bytes, sizeof(bytes), true).kind, LOOK_UNKNOWN);
}

static void a_begin_alone_is_no_proof_of_text(void **state)
{
	char text[600];

	(void)state;
	memset(text, 'x', sizeof(text));
	text[3] = 'y';
	assert_true(look_at(text, sizeof(text), true).certain);
	assert_false(look_at(text, sizeof(text), false).certain);
	memset(text, 0, sizeof(text));
	assert_int_equal(look_at(text, sizeof(text), false).kind, LOOK_UNKNOWN);
}

/* What a package may look like is never refused: no magic is known of it. */
static void no_random_bytes_are_refused(void **state)
{
	uint32_t x = 2463534242u;
	unsigned char bytes[512];

	(void)state;
	for (unsigned n = 0; n < 20000; n++) {
		struct look look;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			bytes[i] = (unsigned char)(x >> 11);
		}
		look = look_at(bytes, sizeof(bytes), true);
		assert_false(look.certain);
	}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_plainly_no_package_is_named),
		cmocka_unit_test(a_windows_program_has_both_of_its_marks),
		cmocka_unit_test(a_begin_alone_is_no_proof_of_text),
		cmocka_unit_test(no_random_bytes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
