#include "config.h"

#include "sim/files.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/at.h"
#include "sim/data.h"

/* +CME ERROR numbers of the file commands, protocol.md 5.4 */
enum { NOT_FOUND = 405, BAD_NAME = 406, EXISTS = 407, TOO_MANY = 413, NO_SPACE = 420, BAD_PARAMETER = 425 };

#define DEFAULT_SIZE 10240	/* of AT+QFUPL, protocol.md 6 */
#define DEFAULT_TIMEOUT_S 5

static enum sim_answer fail(struct sim *s, int cme)
{
	s->cme = cme;
	return SIM_ERROR;
}

static size_t find_file(const struct sim *s, struct slice name)
{
	size_t i = 0;

	while (i < SIM_FILES && !(s->files[i].name[0] && slice_is(name, s->files[i].name)))
		i++;
	return i;
}

static size_t find_free(const struct sim *s)
{
	size_t i = 0;

	while (i < SIM_FILES && s->files[i].name[0])
		i++;
	return i;
}

static long used_bytes(const struct sim *s, size_t *count)
{
	size_t used = 0;

	*count = 0;
	for (size_t i = 0; i < SIM_FILES; i++)
		if (s->files[i].name[0]) {
			used += s->files[i].size;
			++*count;
		}
	return (long)used;
}

static long free_bytes(const struct sim *s)
{
	size_t count;
	long used = used_bytes(s, &count);

	return used < s->set.ufs_free ? s->set.ufs_free - used : 0;
}

/* The one quoted name in VALUE. */
static bool parse_name(const char *value, struct slice *name)
{
	struct at_fields f = at_fields((struct slice){ value, strlen(value) }, "");

	return at_field_string(&f, name) && !f.more && name->size;
}

static void forget_file(struct sim *s, size_t file)
{
	for (size_t i = 0; i < s->queue_count; i++) {
		struct sim_out *item = &s->queue[(s->queue_first + i) % SIM_QUEUE_ITEMS];

		if (item->kind == SIM_OUT_FILE && item->file == file)
			item->kind = SIM_OUT_FILL;
	}
	free(s->files[file].bytes);
	s->files[file] = (struct sim_file){ .name = "" };
}

void sim_file_free_all(struct sim *s)
{
	for (size_t i = 0; i < SIM_FILES; i++)
		forget_file(s, i);
}

const struct sim_file *sim_file_find(const struct sim *s, struct slice name)
{
	size_t i = find_file(s, name);

	return i < SIM_FILES ? &s->files[i] : NULL;
}

void sim_file_forget(struct sim *s, struct slice name)
{
	size_t i = find_file(s, name);

	if (i < SIM_FILES)
		forget_file(s, i);
}

unsigned sim_file_count(const struct sim *s)
{
	size_t count;

	(void)used_bytes(s, &count);
	return (unsigned)count;
}

enum sim_answer sim_file_upload_test(struct sim *s, const char *value)
{
	char text[80];

	(void)value;
	snprintf(text, sizeof(text), "+QFUPL: <filename>[,(1-%ld)[,(1-65535)[,(0,1)]]]", free_bytes(s));
	sim_put_line(s, text);
	return SIM_OK;
}

/* Make room for SIZE bytes under NAME; 0 or a CME number. */
static int make_file(struct sim *s, struct slice name, long size, size_t *file)
{
	if (!name.size || name.size >= sizeof(s->files[0].name))
		return BAD_NAME;
	if (find_file(s, name) < SIM_FILES)
		return EXISTS;
	if (size > free_bytes(s))
		return NO_SPACE;
	*file = find_free(s);
	if (*file == SIM_FILES)
		return TOO_MANY;
	s->files[*file].bytes = malloc((size_t)size);
	if (!s->files[*file].bytes)
		return NO_SPACE;
	slice_copy(s->files[*file].name, sizeof(s->files[*file].name), name);
	s->files[*file].size = (size_t)size;
	return 0;
}

static void take(struct sim *s, const unsigned char *bytes, size_t size)
{
	memcpy(s->files[s->data.file].bytes + s->data.received, bytes, size);
}

/* The file has what came, however it ended. */
static void end(struct sim *s, bool whole)
{
	(void)whole;
	s->files[s->data.file].size = (size_t)s->data.received;
	if (!s->data.received)
		forget_file(s, s->data.file);
}

static void received(struct sim *s, long arg)
{
	char text[48];

	(void)arg;
	snprintf(text, sizeof(text), "+QFUPL: %llu,%X", (unsigned long long)s->data.received, s->data.checksum);
	if (!s->hush)
		sim_put_line(s, text);
	sim_put_ok(s);
}

static void forget(struct sim *s)
{
	forget_file(s, s->data.file);
}

static const struct sim_transfer upload = {
	.take = take, .end = end, .received = received, .forget = forget,
};

/* AT+QFUPL=<name>[,<size>[,<timeout>[,<ackmode>]]] */
enum sim_answer sim_file_upload(struct sim *s, const char *value)
{
	struct at_fields f = at_fields((struct slice){ value, strlen(value) }, "");
	long size = DEFAULT_SIZE, timeout_s = DEFAULT_TIMEOUT_S, ack = 0;
	struct slice name;
	size_t file;
	int cme;

	if (!at_field_string(&f, &name) ||
	    (f.more && !at_field_number(&f, 1, 1L << 30, &size)) ||
	    (f.more && !at_field_number(&f, 1, 65535, &timeout_s)) ||
	    (f.more && !at_field_number(&f, 0, 1, &ack)) || f.more)
		return fail(s, BAD_PARAMETER);
	cme = make_file(s, name, size, &file);
	if (cme)
		return fail(s, cme);
	s->data = (struct sim_data){
		.to = &upload, .declared = (uint64_t)size, .ack = ack,
		.timeout_ms = timeout_s * 1000, .file = file,
	};
	sim_put_line(s, "CONNECT");
	sim_data_enter(s);
	return SIM_TAKEN;
}

static uint16_t checksum(const unsigned char *p, size_t size)
{
	unsigned sum = 0;

	for (size_t i = 0; i < size; i++)
		sum ^= i % 2 ? (unsigned)p[i] : (unsigned)p[i] << 8;
	return (uint16_t)sum;
}

enum sim_answer sim_file_download(struct sim *s, const char *value)
{
	struct slice name;
	struct sim_file *file;
	char text[48];
	size_t i;

	if (!parse_name(value, &name))
		return fail(s, BAD_PARAMETER);
	i = find_file(s, name);
	if (i == SIM_FILES)
		return fail(s, NOT_FOUND);
	file = &s->files[i];
	sim_put_line(s, "CONNECT");
	sim_put_item(s, &(struct sim_out){ .kind = SIM_OUT_FILE, .file = i, .left = file->size });
	snprintf(text, sizeof(text), "+QFDWL: %zu,%X", file->size, checksum(file->bytes, file->size));
	sim_put_line(s, text);
	return SIM_OK;
}

enum sim_answer sim_file_delete(struct sim *s, const char *value)
{
	struct slice name;
	size_t i;

	if (!parse_name(value, &name))
		return fail(s, BAD_PARAMETER);
	if (slice_is(name, "*")) {
		sim_file_free_all(s);
		return SIM_OK;
	}
	i = find_file(s, name);
	if (i == SIM_FILES)
		return fail(s, NOT_FOUND);
	forget_file(s, i);
	return SIM_OK;
}

/* AT+QFLST[="*"|"<name>"] */
enum sim_answer sim_file_list(struct sim *s, const char *value)
{
	struct slice name = { "*", 1 };
	char text[128];

	if (*value && !parse_name(value, &name))
		return fail(s, BAD_PARAMETER);
	for (size_t i = 0; i < SIM_FILES; i++) {
		const struct sim_file *f = &s->files[i];

		if (!f->name[0] || !(slice_is(name, "*") || slice_is(name, f->name)))
			continue;
		snprintf(text, sizeof(text), "+QFLST: \"%s%s\",%zu", s->set.list_prefix, f->name, f->size);
		sim_put_line(s, text);
	}
	return SIM_OK;
}

/* AT+QFLDS="UFS": free, total; AT+QFLDS: used, files */
enum sim_answer sim_file_space(struct sim *s, const char *value)
{
	struct slice name;
	char text[64];
	size_t count;
	long used = used_bytes(s, &count);

	if (!*value)
		snprintf(text, sizeof(text), "+QFLDS: %ld,%zu", used, count);
	else if (parse_name(value, &name) && slice_is(name, "UFS"))
		snprintf(text, sizeof(text), "+QFLDS: %ld,%ld", free_bytes(s), s->set.ufs_free);
	else
		return fail(s, BAD_PARAMETER);
	sim_put_line(s, text);
	return SIM_OK;
}
