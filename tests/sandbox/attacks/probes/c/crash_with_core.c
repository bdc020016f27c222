/* Crash, and leave an image of its memory, as large as it may be.
 *
 * area: leftovers
 * ends: signal 6 | signal 11
 */
#include "prelude.h"
#include <sys/resource.h>

int main(void) {
    struct rlimit limit;
    getrlimit(RLIMIT_CORE, &limit);
    if (limit.rlim_max > 4096) dprintf(1, "BREACH it may leave %ld bytes of core\n", (long)limit.rlim_max);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_CORE, &limit);
    abort();
}
