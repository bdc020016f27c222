/* Take memory in many processes, each of which has little.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | memory | signal 9
 */
#include "prelude.h"

int main(void) {
    volatile int *full = (volatile int *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 40; i++)
        if (fork() == 0) {
            char *mine = malloc(40 * MIB);
            if (mine != NULL) memset(mine, 1, 40 * MIB), __sync_fetch_and_add(full, 1);
            linger();
        }
    for (int i = 0; i < 300 && *full < 40; i++) rest(10);
    reached("MiB in processes of 40 MiB", *full * 40L, 1024);
    return 0;
}
