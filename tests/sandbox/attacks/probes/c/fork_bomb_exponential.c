/* Double the number of processes, again and again.
 *
 * area: process bombs
 * ends: exit 0 | processes | signal 9
 */
#include "prelude.h"

int main(void) {
    volatile long *born = (volatile long *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t first = getpid();
    for (int i = 0; i < 9; i++)
        if (fork() == 0) __sync_fetch_and_add(born, 1);
    if (getpid() != first) linger();
    rest(200);
    reached("processes at once", *born, 200);
    return 0;
}
