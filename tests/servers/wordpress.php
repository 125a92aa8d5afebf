<?php
// Makes a fresh WordPress with an author and a contributor, and prints their application passwords as JSON.
define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = '127.0.0.1';
require $argv[1] . '/wp-load.php';
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('Partner', 'admin', 'admin@partner.test', true, '', 'correct horse');
update_option('permalink_structure', '/%year%/%postname%/');
$accounts = [];
foreach (['author', 'contributor'] as $role) {
    $id = wp_insert_user(['user_login' => $role, 'user_pass' => 'correct horse', 'user_email' => "$role@partner.test", 'role' => $role]);
    list($password) = WP_Application_Passwords::create_new_application_password($id, ['name' => 'outreach']);
    $accounts[$role] = ['id' => $id, 'password' => WP_Application_Passwords::chunk_password($password)];
}
echo json_encode($accounts);
