# The program as it runs on any Linux with glibc 2.34 or newer (target `portable`), and on any Linux (target `static`): the
# same objects, linked with static libraries. SHIP_PORTABLE names what packaging/portable/libraries made.
set(SHIP_PORTABLE "" CACHE PATH "Static libraries made by packaging/portable/libraries; builds the target portable")
if(NOT SHIP_PORTABLE)
  return()
endif()

set(ship_static ssl crypto z deflate zstd re2 snappy)
if(VECTORSCAN_FOUND)
  list(APPEND ship_static hs)
endif()
list(TRANSFORM ship_static REPLACE "(.+)" "-l:lib\\1.a")

# A program with these libraries inside, in a directory of its own name. Our own libraries one by one, for the targets
# would bring the shared ones along. The map says which libraries something was taken from: packaging/sbom reads it.
function(ship_self_contained name source)
  add_executable(${name} EXCLUDE_FROM_ALL cli/main.cpp ${source} ${SHIP_POSTGRES_ABSENT})
  set_target_properties(${name} PROPERTIES OUTPUT_NAME fapilog-ship RUNTIME_OUTPUT_DIRECTORY ${name}/whole)
  add_dependencies(${name} ship_cli ship_config ship)
  target_include_directories(${name} PRIVATE src ${PROJECT_SOURCE_DIR})
  target_compile_definitions(${name} PRIVATE SHIP_VERSION="${PROJECT_VERSION}")
  target_link_libraries(${name} PRIVATE ship_flags $<TARGET_FILE:ship_cli> $<TARGET_FILE:ship_config> $<TARGET_FILE:ship>
    ${SHIP_PORTABLE}/lib/librdkafka.a ${SHIP_PORTABLE}/lib/libcurl.a ${SHIP_PORTABLE}/lib/libmicrohttpd.a
    ${SHIP_PORTABLE}/lib/libsimdjson.a ${SHIP_PORTABLE}/lib/libprometheus-cpp-core.a
    ${ship_static} Threads::Threads m)
  target_link_options(${name} PRIVATE ${ARGN} LINKER:-Map=${PROJECT_BINARY_DIR}/${name}/whole/fapilog-ship.map)
endfunction()
ship_self_contained(portable packaging/portable/glibc.cpp -static-libstdc++ -static-libgcc)

# With glibc inside, too: nothing is asked of the system but the kernel, so that it runs where another C library is, or none.
ship_self_contained(static packaging/portable/static.cpp)
target_link_libraries(static PRIVATE -static-pie)  # behind CMake's own -pie: the last one counts
add_custom_command(TARGET static POST_BUILD WORKING_DIRECTORY ${PROJECT_BINARY_DIR}/static
  COMMAND ${CMAKE_STRIP} --strip-unneeded --remove-section=.comment -o fapilog-ship whole/fapilog-ship VERBATIM)

# What is packed: the program without its symbols, and these in a file that debuggers find by its name.
set(SHIP_STRIPPED ${PROJECT_BINARY_DIR}/portable)
add_custom_command(TARGET portable POST_BUILD WORKING_DIRECTORY ${SHIP_STRIPPED}
  COMMAND ${CMAKE_OBJCOPY} --only-keep-debug --compress-debug-sections whole/fapilog-ship fapilog-ship.debug
  COMMAND ${CMAKE_STRIP} --strip-unneeded --remove-section=.comment -o fapilog-ship whole/fapilog-ship
  COMMAND ${CMAKE_OBJCOPY} --add-gnu-debuglink=fapilog-ship.debug fapilog-ship VERBATIM)
