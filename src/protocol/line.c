#include "config.h"

#include "protocol/line.h"

#include "protocol/fota_urc.h"

struct line_meaning line_parse(struct slice line)
{
	struct slice trimmed = slice_trim(line);
	struct at_result result = at_classify(trimmed);
	struct line_meaning meaning = { .class = result.class, .cme = result.cme };

	if (meaning.class == AT_INFO)
		meaning.is_fota = fota_parse(trimmed, &meaning.fota);
	return meaning;
}
