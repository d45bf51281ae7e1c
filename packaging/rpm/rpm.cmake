# The .rpm: the portable program, for Red Hat and its kin from version 9 on.
set(ENV{LC_ALL} C)
string(TIMESTAMP SHIP_DATE_RPM "%a %b %d %Y" UTC)
configure_file(packaging/rpm/changelog.in ${SHIP_COMPRESSED}/changelog.rpm @ONLY)

set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_PACKAGE_RELOCATABLE OFF)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_LICENSE "Apache-2.0 AND BSD-2-Clause AND BSD-3-Clause AND BSL-1.0 AND LGPL-2.1-or-later AND MIT AND Zlib AND curl")
set(CPACK_RPM_PACKAGE_GROUP "System Environment/Daemons")
set(CPACK_RPM_PACKAGE_URL "https://fapilog-ship.example")
set(CPACK_RPM_CHANGELOG_FILE ${SHIP_COMPRESSED}/changelog.rpm)
set(CPACK_RPM_COMPRESSION_TYPE xz)
# By file, for the package is named shadow-utils or shadow.
set(CPACK_RPM_MAIN_PACKAGE_REQUIRES_PRE /usr/sbin/useradd)
set(CPACK_RPM_MAIN_PRE_INSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/packaging/rpm/pre)
set(CPACK_RPM_MAIN_POST_INSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/packaging/rpm/post)
set(CPACK_RPM_MAIN_PRE_UNINSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/packaging/rpm/preun)
set(CPACK_RPM_MAIN_POST_UNINSTALL_SCRIPT_FILE ${PROJECT_SOURCE_DIR}/packaging/rpm/postun)
set(CPACK_RPM_MAIN_USER_FILELIST
    "%config(noreplace) /etc/fapilog-ship/config.toml"
    "%dir %attr(0750,fapilog-ship,fapilog-ship) /var/lib/fapilog-ship"
    "%dir %attr(0750,fapilog-ship,fapilog-ship) /var/log/fapilog-ship"
    "%license /usr/share/licenses/fapilog-ship/LICENSE"
    "%license /usr/share/licenses/fapilog-ship/LICENSES")
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /var /var/lib /var/log /usr/lib/systemd /usr/lib/systemd/system
    /usr/share/man /usr/share/man/man1 /usr/share/man/man5 /usr/share/bash-completion /usr/share/bash-completion/completions
    /usr/share/fish /usr/share/fish/vendor_completions.d /usr/share/zsh /usr/share/zsh/site-functions
    /usr/share/licenses /usr/share/doc)
# Two packages: `cpack` knows their groups, and settings of one bear its name.
set(CPACK_RPM_MAIN_COMPONENT main)
set(CPACK_RPM_MAIN_PACKAGE_SUMMARY "Log shipper that never makes the application wait")
set(CPACK_RPM_MAIN_PACKAGE_DESCRIPTION "${CPACK_PACKAGE_DESCRIPTION}")
set(CPACK_RPM_DEBUG_PACKAGE_NAME fapilog-ship-debuginfo)
set(CPACK_RPM_DEBUG_PACKAGE_SUMMARY "Debug symbols of fapilog-ship")
set(CPACK_RPM_DEBUG_PACKAGE_DESCRIPTION "What a debugger needs to tell functions and lines of
/usr/bin/fapilog-ship by their names.")
set(CPACK_RPM_DEBUG_PACKAGE_GROUP "Development/Debug")
set(CPACK_RPM_DEBUG_PACKAGE_AUTOREQPROV " no")
# The same bytes whenever and wherever it is made.
set(CPACK_RPM_SPEC_MORE_DEFINE "%define use_source_date_epoch_as_buildtime 1
%define clamp_mtime_to_source_date_epoch 1
%define _buildhost localhost
%define packager ${SHIP_MAINTAINER}
%define _build_id_links none")
