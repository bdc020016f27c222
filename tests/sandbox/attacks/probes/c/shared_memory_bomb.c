/* Take memory as shared pages, which count as nobody's data.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | memory | signal 9
 */
#include "prelude.h"

int main(void) {
    long taken = 0;
    for (; taken < 1536; taken += 16) {
        void *more = mmap(NULL, 16 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        if (more == MAP_FAILED) break;
        memset(more, 1, 16 * MIB);
        if (taken % 64 == 0) munmap(more, 4096); /* a hole, so that no two of them are one mapping */
    }
    reached("MiB of shared pages", taken, 1024);
    return 0;
}
