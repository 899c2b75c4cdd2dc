#include "config.h"

#include "sim/demo_package.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "package/package.h"

#define BLOCK SHA256_DIGEST_SIZE
static_assert(SIM_DEMO_PACKAGE_SIZE % BLOCK == 0, "whole blocks");

/* Block NUMBER of the package FROM -> TO: a digest of the three, so that it
 * looks like a delta (no pattern, all byte values). */
static void make_block(const char *from, const char *to, unsigned number,
		       uint8_t out[BLOCK])
{
	struct sha256_ctx ctx;
	char text[160];
	int n = snprintf(text, sizeof(text), "%u %s %s", number, from, to);

	sha256_init(&ctx);
	sha256_update(&ctx, (size_t)n, (const uint8_t *)text);
	sha256_digest(&ctx, BLOCK, out);
}

void sim_hex_digest(struct sha256_ctx *ctx, char hex[65])
{
	uint8_t digest[SHA256_DIGEST_SIZE];

	sha256_digest(ctx, sizeof(digest), digest);
	for (size_t i = 0; i < sizeof(digest); i++)
		snprintf(hex + 2 * i, 3, "%02x", digest[i]);
}

void sim_demo_sha256(const char *from, const char *to, char hex[65])
{
	struct sha256_ctx ctx;
	uint8_t block[BLOCK];

	sha256_init(&ctx);
	for (unsigned i = 0; i < SIM_DEMO_PACKAGE_SIZE / BLOCK; i++) {
		make_block(from, to, i, block);
		sha256_update(&ctx, BLOCK, block);
	}
	sim_hex_digest(&ctx, hex);
}

static int write_bytes(FILE *f, const char *from, const char *to)
{
	uint8_t block[BLOCK];

	for (unsigned i = 0; i < SIM_DEMO_PACKAGE_SIZE / BLOCK; i++) {
		make_block(from, to, i, block);
		if (fwrite(block, BLOCK, 1, f) != 1)
			return -1;
	}
	return fflush(f);
}

int sim_write_demo_package(const char *path, const char *model,
			   const char *from, const char *to, struct err *e)
{
	struct manifest m = { .size = SIM_DEMO_PACKAGE_SIZE };
	char manifest[FILE_SIZE];
	FILE *f;
	int rc;

	if (manifest_path(manifest, sizeof(manifest), path, e) < 0)
		return -1;
	f = fopen(path, "we");
	if (!f)
		return err_fail_sys(e, MSG_DEMO_PACKAGE, errno, "path=%s", path);
	rc = write_bytes(f, from, to);
	if (rc < 0)
		err_fail_sys(e, MSG_DEMO_PACKAGE, errno, "path=%s", path);
	if (fclose(f) != 0 && rc == 0)
		rc = err_fail_sys(e, MSG_DEMO_PACKAGE, errno, "path=%s", path);
	if (rc < 0)
		return -1;
	snprintf(m.model, sizeof(m.model), "%s", model);
	snprintf(m.from, sizeof(m.from), "%s", from);
	snprintf(m.to, sizeof(m.to), "%s", to);
	sim_demo_sha256(from, to, m.sha256);
	return manifest_write(manifest, &m, e);
}
