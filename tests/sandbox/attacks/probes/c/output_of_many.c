/* Write from forty processes to both outputs at once.
 *
 * area: output
 * ends: exit 0 | output | signal 9 | signal 13
 */
#include "prelude.h"

int main(void) {
    static char line[1024];
    memset(line, 'y', sizeof line);
    line[sizeof line - 1] = '\n';
    for (int writer = 0; writer < 40; writer++)
        if (fork() == 0) {
            alarm(5);
            for (int i = 0; i < 1024; i++)
                if (write(1 + i % 2, line, sizeof line) < 0) break;
            _exit(0);
        }
    while (wait(NULL) > 0) continue;
    return 0;
}
