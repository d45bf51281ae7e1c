# What is installed where, by component. `cmake --install` takes `program` and `common`, below the prefix; the rest is for
# packages: `system` for .deb and .rpm, `deb`, `rpm` and `tarball` for theirs, `symbols` for what goes beside the .rpm.
# Packing builds nothing: what is not there yet is an error.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
install(TARGETS fapilog-ship RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
install(FILES completions/fapilog-ship.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions
        RENAME fapilog-ship COMPONENT common)
install(FILES completions/fapilog-ship.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d
        COMPONENT common)
file(GLOB SHIP_GUIDES CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} packaging/doc/*.md)
install(FILES config/reference.toml ${SHIP_GUIDES} DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT common)
install(DIRECTORY config/examples/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples COMPONENT common)

# Compressed without name and time: the same bytes each time.
find_program(GZIP gzip REQUIRED)
set(SHIP_COMPRESSED ${PROJECT_BINARY_DIR}/packaging)
file(MAKE_DIRECTORY ${SHIP_COMPRESSED})
function(ship_compress source name)
  execute_process(COMMAND ${GZIP} -9nc ${source} OUTPUT_FILE ${SHIP_COMPRESSED}/${name} COMMAND_ERROR_IS_FATAL ANY)
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
endfunction()
ship_compress(${PROJECT_SOURCE_DIR}/packaging/man/fapilog-ship.1 fapilog-ship.1.gz)
ship_compress(${PROJECT_SOURCE_DIR}/packaging/man/fapilog-ship.toml.5 fapilog-ship.toml.5.gz)
ship_compress(${PROJECT_SOURCE_DIR}/CHANGELOG.md NEWS.gz)
install(FILES ${SHIP_COMPRESSED}/fapilog-ship.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 COMPONENT common)
install(FILES ${SHIP_COMPRESSED}/fapilog-ship.toml.5.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man5 COMPONENT common)
install(FILES ${SHIP_COMPRESSED}/NEWS.gz DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT common)

# Where systemd and administrators look, whatever the prefix.
install(FILES packaging/config.toml DESTINATION /etc/fapilog-ship COMPONENT system EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /var/lib/fapilog-ship COMPONENT system EXCLUDE_FROM_ALL)
install(DIRECTORY DESTINATION /var/log/fapilog-ship COMPONENT system EXCLUDE_FROM_ALL)
file(GLOB SHIP_UNITS CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} packaging/systemd/*.service packaging/systemd/*.socket)

install(FILES ${SHIP_UNITS} DESTINATION /lib/systemd/system COMPONENT deb EXCLUDE_FROM_ALL)
install(FILES completions/_fapilog-ship DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions COMPONENT deb)
install(FILES packaging/deb/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT deb EXCLUDE_FROM_ALL)
install(FILES packaging/deb/lintian-overrides DESTINATION /usr/share/lintian/overrides RENAME fapilog-ship
        COMPONENT deb EXCLUDE_FROM_ALL)

if(SHIP_PORTABLE)
  execute_process(COMMAND packaging/portable/notices WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}
                  OUTPUT_FILE ${SHIP_COMPRESSED}/LICENSES COMMAND_ERROR_IS_FATAL ANY)
  install(PROGRAMS ${SHIP_STRIPPED}/fapilog-ship DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT rpm EXCLUDE_FROM_ALL)
  install(FILES ${SHIP_STRIPPED}/fapilog-ship.debug DESTINATION /usr/lib/debug/usr/bin COMPONENT symbols
          EXCLUDE_FROM_ALL)
  install(FILES ${SHIP_UNITS} DESTINATION /usr/lib/systemd/system COMPONENT rpm EXCLUDE_FROM_ALL)
  install(FILES completions/_fapilog-ship DESTINATION /usr/share/zsh/site-functions COMPONENT rpm EXCLUDE_FROM_ALL)
  install(FILES LICENSE ${SHIP_COMPRESSED}/LICENSES DESTINATION /usr/share/licenses/fapilog-ship COMPONENT rpm
          EXCLUDE_FROM_ALL)
  # One directory, for whoever unpacks it anywhere or copies one file out of it.
  install(PROGRAMS ${SHIP_STRIPPED}/fapilog-ship DESTINATION . COMPONENT tarball EXCLUDE_FROM_ALL)
  install(FILES LICENSE ${SHIP_COMPRESSED}/LICENSES README.md CHANGELOG.md config/reference.toml DESTINATION .
          COMPONENT tarball EXCLUDE_FROM_ALL)
  # Where README links to them.
  install(FILES ${SHIP_GUIDES} DESTINATION packaging/doc COMPONENT tarball EXCLUDE_FROM_ALL)
  install(FILES packaging/man/fapilog-ship.1 packaging/man/fapilog-ship.toml.5 DESTINATION man COMPONENT tarball
          EXCLUDE_FROM_ALL)
  install(FILES completions/_fapilog-ship completions/fapilog-ship.bash completions/fapilog-ship.fish
          DESTINATION completions COMPONENT tarball EXCLUDE_FROM_ALL)
endif()
