/* SPDX-License-Identifier: MIT */

/*
 * The main() of a program that has none of its own.
 */

#include "lambda/library/partnerapp.h"

int main(int argc, char **argv)
{
    return partnerapp_main(argc, argv);
}
