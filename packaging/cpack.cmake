# `cpack` in the build directory of the release preset: the .deb, and with SHIP_PORTABLE the .rpm and the tarball.
set(SHIP_MAINTAINER "fapilog-ship maintainers <maintainers@fapilog-ship.example>")

# The time that packages bear: of the last commit, unless SOURCE_DATE_EPOCH says another.
set(SHIP_EPOCH $ENV{SOURCE_DATE_EPOCH})
if(NOT SHIP_EPOCH)
  execute_process(COMMAND git -C ${PROJECT_SOURCE_DIR} log -1 --format=%ct OUTPUT_VARIABLE SHIP_EPOCH
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(NOT SHIP_EPOCH)
  set(SHIP_EPOCH 1767225600)
endif()
set(ENV{SOURCE_DATE_EPOCH} ${SHIP_EPOCH})
string(TIMESTAMP SHIP_DATE_RFC "%a, %d %b %Y %H:%M:%S +0000" UTC)
configure_file(packaging/deb/changelog.in ${SHIP_COMPRESSED}/changelog.deb @ONLY)
ship_compress(${SHIP_COMPRESSED}/changelog.deb changelog.gz)
install(FILES ${SHIP_COMPRESSED}/changelog.gz DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT deb EXCLUDE_FROM_ALL)

set(CPACK_PACKAGE_NAME fapilog-ship)
set(CPACK_PACKAGE_VENDOR "fapilog-ship maintainers")
set(CPACK_PACKAGE_CONTACT ${SHIP_MAINTAINER})
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "log shipper that never makes the application wait")
set(CPACK_PACKAGE_DESCRIPTION "Reads what an application logs from a pipe, a FIFO or files, or runs the
application itself, and delivers each line to files, HTTP endpoints, Loki,
Elasticsearch, CloudWatch Logs, OpenTelemetry collectors, Kafka,
syslog, Graylog or sockets.
Whatever hangs behind it, the application does not wait, and the program
can say of every line what became of it.")
set(CPACK_RESOURCE_FILE_LICENSE ${PROJECT_SOURCE_DIR}/LICENSE)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)
set(CPACK_GENERATOR DEB)
set(CPACK_OUTPUT_FILE_PREFIX ${PROJECT_BINARY_DIR}/packages)
set(CPACK_PROJECT_CONFIG_FILE ${PROJECT_SOURCE_DIR}/packaging/cpack_generator.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/cpack_times.cmake)
set(CPACK_POST_BUILD_SCRIPTS ${PROJECT_SOURCE_DIR}/packaging/cpack_symbols.cmake)
set(CPACK_SHIP_EPOCH ${SHIP_EPOCH})
set(CPACK_COMPONENTS_ALL program common system deb)
set(CPACK_COMPONENTS_GROUPING ALL_COMPONENTS_IN_ONE)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, passwd")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ca-certificates")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_DEBUGINFO_PACKAGE ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
file(WRITE ${SHIP_COMPRESSED}/conffiles "/etc/fapilog-ship/config.toml\n")
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${SHIP_COMPRESSED}/conffiles ${PROJECT_SOURCE_DIR}/packaging/deb/postinst
    ${PROJECT_SOURCE_DIR}/packaging/deb/prerm ${PROJECT_SOURCE_DIR}/packaging/deb/postrm)

if(SHIP_PORTABLE)
  list(APPEND CPACK_GENERATOR RPM External)
  include(packaging/rpm/rpm.cmake)
  set(CPACK_SHIP_TARBALL fapilog-ship-${PROJECT_VERSION}-linux-${CMAKE_SYSTEM_PROCESSOR})
  set(CPACK_SHIP_STRIPPED ${SHIP_STRIPPED})
  set(CPACK_SHIP_XZ -6)
  set(CPACK_EXTERNAL_ENABLE_STAGING ON)
  set(CPACK_EXTERNAL_PACKAGE_SCRIPT ${PROJECT_SOURCE_DIR}/packaging/portable/tarball.cmake)
endif()

include(CPack)
if(SHIP_PORTABLE)
  cpack_add_component_group(main DISPLAY_NAME fapilog-ship)
  cpack_add_component_group(debug DISPLAY_NAME "Debug symbols")
  foreach(component common system rpm)
    cpack_add_component(${component} GROUP main)
  endforeach()
  cpack_add_component(symbols GROUP debug)
endif()
