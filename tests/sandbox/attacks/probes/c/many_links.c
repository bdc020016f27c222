/* Use up the table of files with empty files, links and folders.
 *
 * area: disk
 * ends: exit 0 | disk | descriptors | memory | signal 9
 */
#include "prelude.h"

int main(void) {
    char name[64], other[64];
    long made = 0;
    for (int i = 0; i < 12000; i++) {
        snprintf(name, sizeof name, "/tmp/@MARK@-%d", i);
        int file = open(name, O_CREAT | O_WRONLY, 0600);
        if (file < 0) break;
        close(file);
        made++;
        snprintf(other, sizeof other, "/tmp/@MARK@-l%d", i);
        if (symlink(name, other) == 0) made++;
    }
    rest(150);
    reached("files and links", made, 20000);
    return 0;
}
