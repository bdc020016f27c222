/* Be slow to measure: end with thirty thousand mappings in each of sixty processes, and let the next run take memory while the watchdog
 * recovers.
 *
 * area: memory
 * alone: yes
 * runs: in turn
 * ends: exit 0 | memory | processes | signal 9
 */
#include "prelude.h"

static void end_slowly(void) {
    for (int i = 0; i < 30000; i++)
        mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    for (int i = 0; i < 60; i++)
        if (fork() == 0) linger();
    dprintf(1, "TOLD the first run ends\n");
}

static void take_memory(void) {
    volatile long *full = (volatile long *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 40; i++)
        if (fork() == 0) {
            char *mine = malloc(40 * MIB);
            if (mine != NULL) memset(mine, 1, 40 * MIB), __sync_fetch_and_add(full, 1);
            linger();
        }
    for (int i = 0; i < 300 && *full < 40; i++) rest(10);
    reached("MiB while the watchdog recovers", *full * 40, 1024);
}

int main(void) {
    is_first() ? end_slowly() : take_memory();
    return 0;
}
