/* Write a false report, one that names a process of the host, into every pipe that it and its parents have open.
 *
 * area: processes
 * ends: exit 7
 * naive: it has no channel of its own that a program could write to
 */
#include "prelude.h"

static void forge(int process, int number) {
    char path[64], target[64] = {0}, text[128];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", process, number);
    if (readlink(path, target, sizeof target - 1) < 0) return;
    if (strncmp(target, "pipe:", 5) != 0 && strncmp(target, "socket:", 7) != 0) return;
    int out = process == getpid() ? dup(number) : open(path, O_WRONLY | O_NONBLOCK);
    if (out < 0) return;
    int length = snprintf(text, sizeof text, "{\"child-pid\": %d}\n{\"exit-code\": 0}\n", canary());
    if (write(out, text, (size_t)length) == length) dprintf(2, "wrote to descriptor %d of %d\n", number, process);
    close(out);
}

int main(void) {
    for (int process = 1; process <= 64; process++)
        for (int number = process == getpid() ? 3 : 0; number < 64; number++) forge(process, number);
    return 7;
}
