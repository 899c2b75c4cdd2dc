/* What is made safe is well-formed and shows as what it is; made safe again it stays. */
#include "config.h"

#include "base/text.h"
#include "tests/fuzz/safe.h"

#define ROOM 16384

static void check_cut(const char *whole, size_t whole_size, struct input in, size_t room)
{
	char cut[64];
	size_t size = text_safe(cut, room, in.at, in.left), same = 0;

	CLAIM(size < room && cut[size] == '\0' && strlen(cut) == size);
	CLAIM(is_safe(cut, size, false));
	while (same < size && same < whole_size && cut[same] == whole[same])
		same++;
	CLAIM(same == size || (size - same <= 3 && memcmp(cut + same, "...", size - same) == 0));
	CLAIM(whole_size >= room || size == whole_size);
}

/* No more than two marks stand on one base: they would run into other lines. */
static void check_marks(const char *text, size_t size)
{
	uint32_t c = 0, theirs;
	int marks = 2;
	char again[4];

	for (size_t i = 0, n; i < size; i += n) {
		n = decode((const unsigned char *)text + i, size - i, &c);
		CLAIM(n > 0 && text_decode(text + i, size - i, &theirs) == n && theirs == c);
		CLAIM(text_encode(again, c) == n && memcmp(again, text + i, n) == 0);
		CLAIM(text_width(c) >= 0 && text_width(c) <= 2);
		marks = (c >= 0x300 && c <= 0x36f) || (c >= 0x20d0 && c <= 0x20f0) ? marks + 1 : 0;
		CLAIM(marks <= 2);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char dots[] = "...";
	struct input in = { data, size < 1024 ? size : 1024 };
	size_t room = 1 + take_byte(&in) % 64;
	static char whole[ROOM], again[ROOM];
	size_t used = text_safe(whole, sizeof(whole), in.at, in.left);

	CLAIM(used < sizeof(whole) && whole[used] == '\0' && used >= in.left);
	CLAIM(is_safe(whole, used, false));
	CLAIM(used < sizeof(dots) || strcmp(whole + used - 3, dots) != 0 || memcmp(in.at + in.left - 3, dots, 3) == 0);
	if (used > 0)
		check_marks(whole, used);
	CLAIM(text_safe(again, sizeof(again), whole, used) == used && memcmp(again, whole, used) == 0);
	check_cut(whole, used, in, room);
	return 0;
}
