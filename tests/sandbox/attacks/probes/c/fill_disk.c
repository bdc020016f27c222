/* Write files wherever it may until everything is full.
 *
 * area: disk
 * alone: yes
 * ends: exit 0 | disk | memory | signal 9 | signal 25
 */
#include "prelude.h"

static char block[MIB];

static long fill(const char *folder) {
    char path[128];
    long written = 0;
    for (int number = 0; number < 8; number++) {
        snprintf(path, sizeof path, "%s/@MARK@-%d", folder, number);
        int file = open(path, O_CREAT | O_WRONLY, 0600);
        if (file < 0) break;
        for (int i = 0; i < 50 && write(file, block, sizeof block) == (ssize_t)sizeof block; i++) written++;
        close(file);
    }
    return written;
}

int main(void) {
    static const char *folders[] = {".", "/tmp", "/dev/shm", "/var/tmp", "/", "/usr", "/dev", "/run"};
    signal(SIGXFSZ, SIG_IGN);
    memset(block, 1, sizeof block);
    long written = 0;
    for (size_t i = 0; i < 8 && written < 800; i++) written += fill(folders[i]);
    reached("MiB in files", written, 300);
    return 0;
}
