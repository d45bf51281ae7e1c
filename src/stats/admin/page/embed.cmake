# Turns the page's files into a source file, so that the program needs no file at run time.
set(SHIP_PAGE_FILES page.html page.css page.js)
foreach(page_file ${SHIP_PAGE_FILES})
  get_filename_component(page_part ${page_file} LAST_EXT)
  string(SUBSTRING ${page_part} 1 -1 page_part)
  set(page_path ${PROJECT_SOURCE_DIR}/src/stats/admin/page/${page_file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page_path})
  file(READ ${page_path} SHIP_PAGE_${page_part})
endforeach()
configure_file(${PROJECT_SOURCE_DIR}/src/stats/admin/page/parts.cpp.in ${PROJECT_BINARY_DIR}/generated/page_parts.cpp
               @ONLY)
