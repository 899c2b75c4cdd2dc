/*
 * files.h - the file store and its commands, AT+QF...
 */
#ifndef DFOTA_SIM_FILES_H
#define DFOTA_SIM_FILES_H

#include "protocol/at.h"
#include "sim/core.h"

enum sim_answer sim_file_upload(struct sim *s, const char *value);
enum sim_answer sim_file_upload_test(struct sim *s, const char *value);
enum sim_answer sim_file_download(struct sim *s, const char *value);
enum sim_answer sim_file_delete(struct sim *s, const char *value);
enum sim_answer sim_file_list(struct sim *s, const char *value);
enum sim_answer sim_file_space(struct sim *s, const char *value);
void sim_file_free_all(struct sim *s);

/* The file NAME; NULL: there is none. */
const struct sim_file *sim_file_find(const struct sim *s, struct slice name);
void sim_file_forget(struct sim *s, struct slice name);

/* How many there are. */
unsigned sim_file_count(const struct sim *s);

#endif
