/* Take memory as lists of mappings, thirty thousand of them in each process: the pages are never there, what describes them is.
 *
 * area: memory
 * alone: yes
 * ends: exit 0 | memory | processes | signal 9
 */
#include "prelude.h"

int main(void) {
    volatile long *children = (volatile long *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    long mapped = 0;
    for (; mapped < 32000; mapped++) {
        int rights = mapped % 2 ? PROT_READ : PROT_NONE;
        if (mmap(NULL, 4096, rights, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0) == MAP_FAILED) break;
    }
    long started = 0;
    for (; started < 120; started++) {
        pid_t child = fork();
        if (child < 0) break;
        if (child == 0) {
            __sync_fetch_and_add(children, 1);
            linger();
        }
    }
    for (int i = 0; i < 50 && *children < started; i++) rest(10);
    reached("thousand mappings", mapped * *children / 1000, 3000);
    return 0;
}
