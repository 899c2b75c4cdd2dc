/*
 * files.h - the file store and its commands, AT+QF...
 */
#ifndef DFOTA_SIM_FILES_H
#define DFOTA_SIM_FILES_H

#include "sim/core.h"

enum sim_answer sim_file_upload(struct sim *s, const char *value);
enum sim_answer sim_file_upload_test(struct sim *s, const char *value);
enum sim_answer sim_file_download(struct sim *s, const char *value);
enum sim_answer sim_file_delete(struct sim *s, const char *value);
enum sim_answer sim_file_list(struct sim *s, const char *value);
enum sim_answer sim_file_space(struct sim *s, const char *value);
void sim_file_free_all(struct sim *s);

#endif
