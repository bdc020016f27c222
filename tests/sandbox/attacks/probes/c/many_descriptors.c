/* Open as many files as it can, in as many processes as it can.
 *
 * area: descriptors
 * ends: exit 0 | descriptors | memory | signal 9
 */
#include "prelude.h"

int main(void) {
    volatile long *opened = (volatile long *)mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int i = 0; i < 45; i++)
        if (fork() == 0) {
            for (int file = 0; file < 250 && open("/dev/null", O_RDONLY) >= 0; file++) __sync_fetch_and_add(opened, 1);
            linger();
        }
    for (int i = 0; i < 50; i++) rest(10);
    reached("open files", *opened, 4000);
    return 0;
}
