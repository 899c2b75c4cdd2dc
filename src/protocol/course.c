#include "config.h"

#include "protocol/course.h"

enum course_word course_word(const struct fota_urc *urc)
{
	switch (urc->kind) {
	case FOTA_SOURCE_START:
	case FOTA_DOWNLOADING:
		return COURSE_DOWNLOADS;
	case FOTA_SOURCE_END:
		return urc->has_value && urc->value == 0 ? COURSE_DOWNLOADED : COURSE_DOWNLOAD_FAILED;
	case FOTA_START:
	case FOTA_UPDATING:
	case FOTA_RESTORE:
	case FOTA_RESUMED:
		return COURSE_INSTALLS;
	case FOTA_END:
		return COURSE_ENDED;
	case FOTA_NONE:
		break;
	}
	return COURSE_NOTHING;
}

static int code_of(const struct fota_urc *urc)
{
	return urc->has_value ? (int)urc->value : -1;
}

static void take_download(struct course *c, const struct fota_urc *urc)
{
	bool ends = urc->kind == FOTA_SOURCE_END;

	c->downloading = !ends;
	c->downloaded = ends;
	c->source_code = ends ? code_of(urc) : 0;
	if (urc->source != FOTA_SOURCE_NONE)
		c->source = urc->source;
}

static void take_installation(struct course *c, const struct fota_urc *urc)
{
	if (urc->kind == FOTA_RESUMED) {
		c->resumed = c->rebooted = c->restarted = true;
	} else if (urc->out_of_range) {
		c->odd_percents++;
	} else if (urc->has_value) {
		c->percent = urc->value;
	}
	c->downloading = false;
	c->source_code = 0;
	c->again |= c->ended;
	c->started = true;
	c->ended = c->returned = false;
	c->went_on |= c->restarted;
}

enum course_word course_take(struct course *c, const struct fota_urc *urc)
{
	enum course_word word = course_word(urc);

	c->heard = true;
	switch (word) {
	case COURSE_DOWNLOADS:
	case COURSE_DOWNLOADED:
	case COURSE_DOWNLOAD_FAILED:
		take_download(c, urc);
		break;
	case COURSE_INSTALLS:
		take_installation(c, urc);
		break;
	case COURSE_ENDED:
		c->downloading = false;
		c->ended = true;
		c->end_code = code_of(urc);
		break;
	case COURSE_NOTHING:
		break;
	}
	return word;
}

void course_restart(struct course *c)
{
	c->rebooted = true;
	c->returned |= c->ended;
	c->restarted |= course_installs(c);
}

bool course_installs(const struct course *c)
{
	return c->started && !c->ended;
}

bool course_download_failed(const struct course *c)
{
	return c->downloaded && c->source_code != 0;
}
