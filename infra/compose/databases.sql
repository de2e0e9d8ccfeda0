\getenv password PASSWORD_SECURITY
create database security_db;
create role security_db_service login password :'password';
revoke all on database security_db from public;
grant connect on database security_db to security_db_service;

\getenv password PASSWORD_USER
create database user_db;
create role user_db_service login password :'password';
revoke all on database user_db from public;
grant connect on database user_db to user_db_service;

\getenv password PASSWORD_AUTH
create database auth_db;
create role auth_db_service login password :'password';
revoke all on database auth_db from public;
grant connect on database auth_db to auth_db_service;

\getenv password PASSWORD_STOCK
create database stock_db;
create role stock_db_service login password :'password';
revoke all on database stock_db from public;
grant connect on database stock_db to stock_db_service;

\getenv password PASSWORD_PORTFOLIO
create database portfolio_db;
create role portfolio_db_service login password :'password';
revoke all on database portfolio_db from public;
grant connect on database portfolio_db to portfolio_db_service;

\getenv password PASSWORD_ORDER
create database order_db;
create role order_db_service login password :'password';
revoke all on database order_db from public;
grant connect on database order_db to order_db_service;
