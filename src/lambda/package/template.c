/* SPDX-License-Identifier: MIT */

#include "lambda/package/template.h"

#include "base/utf8.h"
#include "lambda/package/executable.h"
#include "json/text.h"

/* What YAML does not take as it is, even in quotes; the first two end lines in it. */
static bool must_escape(uint32_t point)
{
    return point == 0x2028 || point == 0x2029 || point == 0xfeff || point == '"' ||
           point == '\\' || point < 0x20 || (point >= 0x7f && point <= 0xa0) ||
           (point & 0xfffe) == 0xfffe;
}

static void add_point(struct bytes sequence, struct buf *ret_text)
{
    struct bytes rest = sequence;
    uint32_t point = text_take_point(&rest);

    if (must_escape(point))
        buf_addf(ret_text, "\\U%08x", point);
    else
        buf_add(ret_text, sequence);
}

/* One form of scalar for everything that a person chose: double quotes. */
static void add_quoted(struct bytes text, struct buf *ret_text)
{
    buf_add_char(ret_text, '"');
    while (text.len > 0) {
        size_t len = utf8_sequence_len(text.ptr, text.len);

        if (len > 0)
            add_point(bytes_slice(text, 0, len), ret_text);
        else
            buf_add_text(ret_text, "\xef\xbf\xbd"); /* replacement character */
        text = bytes_slice(text, len > 0 ? len : 1, text.len);
    }
    buf_add_char(ret_text, '"');
}

static void add_member(const char *indent_and_key, struct bytes value,
                       struct buf *ret_text)
{
    if (value.len == 0)
        return;
    buf_add_text(ret_text, indent_and_key);
    add_quoted(value, ret_text);
    buf_add_char(ret_text, '\n');
}

static void add_head(struct buf *ret_text)
{
    buf_add_text(
        ret_text,
        "# A function that Segment invokes, and the role by which it may.\n"
        "#\n"
        "#   sam deploy --guided --region us-west-2 --capabilities CAPABILITY_IAM\n"
        "#\n"
        "# The Developer Center takes functions of the region us-west-2 only. It asks\n"
        "# for the two ARNs under Outputs.\n"
        "AWSTemplateFormatVersion: '2010-09-09'\n"
        "Transform: AWS::Serverless-2016-10-31\n"
        "Description: A Segment destination, made with partnerapp\n");
}

static void add_parameters(struct bytes external_id, struct buf *ret_text)
{
    buf_add_text(
        ret_text,
        "\n"
        "Parameters:\n"
        "  # Segment names it when it assumes the role: the id of the workspace (its\n"
        "  # settings show it), which nobody else's workspace has.\n"
        "  ExternalId:\n"
        "    Type: String\n"
        "    Description: The id of your Segment workspace\n"
        "    AllowedPattern: '[\\w+=,.@:/-]{2,1224}'\n"
        "    ConstraintDescription: 2 to 1224 letters, digits, and any of _+=,.@:/-\n");
    add_member("    Default: ", external_id, ret_text);
}

static void add_function(const struct template_wish *wish, struct buf *ret_text)
{
    buf_add_text(ret_text, "\n"
                           "Resources:\n"
                           "  Function:\n"
                           "    Type: AWS::Serverless::Function\n"
                           "    Properties:\n");
    add_member("      FunctionName: ", wish->function_name, ret_text);
    add_member("      CodeUri: ", wish->code_uri, ret_text);
    buf_addf(ret_text,
             "      Runtime: provided.al2023\n"
             "      Architectures:\n"
             "        - " EXECUTABLE_ARCHITECTURE "\n"
             "      Handler: bootstrap\n"
             "      # Segment waits five seconds, however long the function may take.\n"
             "      Timeout: %lld\n"
             "      MemorySize: %lld\n",
             (long long)wish->timeout_s, (long long)wish->memory_mb);
}

static void add_role(struct buf *ret_text)
{
    buf_add_text(ret_text,
                 "\n"
                 "  SegmentRole:\n"
                 "    Type: AWS::IAM::Role\n"
                 "    Properties:\n"
                 "      Description: Lets Segment invoke the function, and nothing else\n"
                 "      AssumeRolePolicyDocument:\n"
                 "        Version: '2012-10-17'\n"
                 "        Statement:\n"
                 "          - Effect: Allow\n"
                 "            Principal:\n"
                 "              AWS:\n"
                 "                # Segment's account, and its role there that invokes.\n"
                 "                - arn:aws:iam::595280932656:root\n"
                 "                - arn:aws:iam::595280932656:role/"
                 "customer-lambda-prod-destination-access\n"
                 "            Action: sts:AssumeRole\n"
                 "            Condition:\n"
                 "              StringEquals:\n"
                 "                sts:ExternalId:\n"
                 "                  Ref: ExternalId\n"
                 "      Policies:\n"
                 "        - PolicyName: invoke\n"
                 "          PolicyDocument:\n"
                 "            Version: '2012-10-17'\n"
                 "            Statement:\n"
                 "              - Effect: Allow\n"
                 "                Action: lambda:InvokeFunction\n"
                 "                Resource:\n"
                 "                  Fn::GetAtt: [Function, Arn]\n");
}

static void add_outputs(struct buf *ret_text)
{
    buf_add_text(ret_text, "\n"
                           "Outputs:\n"
                           "  LambdaARN:\n"
                           "    Description: Lambda ARN, for the Developer Center\n"
                           "    Value:\n"
                           "      Fn::GetAtt: [Function, Arn]\n"
                           "  RoleARN:\n"
                           "    Description: Role ARN, for the Developer Center\n"
                           "    Value:\n"
                           "      Fn::GetAtt: [SegmentRole, Arn]\n");
}

void template_write(const struct template_wish *wish, struct buf *ret_text)
{
    add_head(ret_text);
    add_parameters(wish->external_id, ret_text);
    add_function(wish, ret_text);
    add_role(ret_text);
    add_outputs(ret_text);
}
