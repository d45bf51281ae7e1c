#pragma once

// Catch2 v2 has one header; v3 has one for all. Tests include this file and nothing of Catch2.
#if __has_include(<catch2/catch_all.hpp>)
#include <catch2/catch_all.hpp>
#else
#include <catch2/catch.hpp>
#endif
