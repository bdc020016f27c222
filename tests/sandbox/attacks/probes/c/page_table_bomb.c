/* Take memory as page tables: one page read in every two megabytes, over hundreds of gigabytes of addresses.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | memory | signal 9
 */
#include "prelude.h"

int main(void) {
    long tables = 0, step = 2 * MIB, span = 16384 * MIB;
    for (int part = 0; part < 40; part++) {
        volatile char *area = (char *)mmap(NULL, (size_t)span, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (area == MAP_FAILED) break;
        madvise((void *)area, (size_t)span, MADV_NOHUGEPAGE);
        for (long at = 0; at < span; at += step, tables++) (void)area[at];
    }
    reached("MiB of page tables", tables * 4096 / MIB, 1024);
    return 0;
}
