#include "base/kernel_directory.hpp"

#include <linux/magic.h>
#include <sys/vfs.h>

namespace ship {

bool is_kernel_directory(const std::string& path) {
  struct statfs found {};
  if (::statfs(path.c_str(), &found) != 0) return false;
  return found.f_type == PROC_SUPER_MAGIC || found.f_type == SYSFS_MAGIC;
}

}  // namespace ship
