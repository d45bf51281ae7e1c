# Run by cpack at its start: what packs reads its time here.
set(ENV{SOURCE_DATE_EPOCH} ${CPACK_SHIP_EPOCH})
