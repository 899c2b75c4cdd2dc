#include "config.h"
#include "source.h"

__attribute__((weak)) int source_probe(const char *url, const struct source_access *access,
		 struct source_facts *facts, source_progress_fn *alive,
		 void *ctx, struct source_status *status, struct err *e)
{
	(void)url; (void)access; (void)facts; (void)alive; (void)ctx; (void)status;
	return err_set(e, ERR_NETWORK, "not built yet");
}
__attribute__((weak)) int source_download(const char *url, const struct source_access *access,
		    const char *path, uint64_t max_size, uint64_t size,
		    const char *sha256, source_progress_fn *progress, void *ctx,
		    struct source_status *status, struct err *e)
{
	(void)url; (void)access; (void)path; (void)max_size; (void)size; (void)sha256; (void)progress; (void)ctx; (void)status;
	return err_set(e, ERR_NETWORK, "not built yet");
}
__attribute__((weak)) int source_publish(const char *url, const struct source_access *access,
		   const char *path, uint64_t size, const char *sha256,
		   bool overwrite, bool *exists, source_progress_fn *progress,
		   void *ctx, struct source_status *status, struct err *e)
{
	(void)url; (void)access; (void)path; (void)size; (void)sha256; (void)overwrite; (void)exists; (void)progress; (void)ctx; (void)status;
	return err_set(e, ERR_NETWORK, "not built yet");
}
