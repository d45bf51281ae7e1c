// What a program with glibc inside of it must not do: load that system's modules for names, which are another glibc's.
#include <nss.h>

namespace {

/// Hosts by /etc/hosts and name servers, users and groups by their files, whatever /etc/nsswitch.conf
/// says. Before main, for nothing may have asked for a name by then.
struct NamesWithoutModules {
  NamesWithoutModules() {
    __nss_configure_lookup("hosts", "files dns");
    __nss_configure_lookup("passwd", "files");
    __nss_configure_lookup("group", "files");
  }
};

const NamesWithoutModules names_without_modules;

}  // namespace
