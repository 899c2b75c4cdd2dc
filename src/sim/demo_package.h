/*
 * demo_package.h - the package of the demo: bytes that follow from the two versions,
 * the same every time.
 */
#ifndef DFOTA_SIM_DEMO_PACKAGE_H
#define DFOTA_SIM_DEMO_PACKAGE_H

#include <nettle/sha2.h>

#include "base/err.h"

#define SIM_DEMO_PACKAGE_SIZE 307200

/* Write the package FROM -> TO to PATH, with its manifest beside it. */
int sim_write_demo_package(const char *path, const char *model,
			   const char *from, const char *to, struct err *e);

/* Digest of the demo package FROM -> TO; the digest of CTX as text. */
void sim_demo_sha256(const char *from, const char *to, char hex[65]);
void sim_hex_digest(struct sha256_ctx *ctx, char hex[65]);

#endif
